package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Threads;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class PublisherTest {
    private static final String GROUP = "workers";
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
    private final PartitionLedger ledger = new PartitionLedger(new CommittedOffsets(0, new TreeSet<>()));
    private final AtomicReference<AssignedPartitions> ownership = new AtomicReference<>(owning(ledger));
    private final List<String> events = new ArrayList<>();
    private final Set<Long> refused = new HashSet<>();
    private final ResultWriter writer = new ResultWriter("w", InstantSource.fixed(Fakes.NOW));
    private final Publisher publisher =
            new Publisher(this::newProducer, this::records, ownership, new ResultListener() {
                @Override
                public void published(RequestResult answer) {
                    events.add("published " + answer.record().offset());
                }

                @Override
                public void dropped(RequestResult answer) {
                    events.add("dropped " + answer.record().offset());
                }
            });

    @Test
    void answersAndOffsetsAreCommittedTogether() {
        answer(0, 1);

        assertThat(publisher.publish()).isTrue();

        assertThat(producers.get(0).history()).hasSize(2);
        assertThat(committedOffset()).isEqualTo(2);
        assertThat(events).containsExactly("published 0", "published 1");
    }

    @Test
    void nothingReadyOpensNoTransaction() {
        assertThat(publisher.publish()).isTrue();

        assertThat(producers).isEmpty();
    }

    /** Else what a worker of this id left open would hide the offsets that this one needs before it has an answer. */
    @Test
    void transactionsAreInitialisedBeforeThereIsAnAnswer() throws InterruptedException {
        MockProducer<byte[], byte[]> first = newProducer();
        Thread running = Threads.daemon("publish", publisher);

        running.start();

        await().until(first::transactionInitialized);
        publisher.stop();
        running.join();
    }

    @Test
    void whatStandsAgainstPublishingIsAProblemUntilATransactionGoesThrough() {
        answer(0);
        newProducer();
        producers.get(0).sendOffsetsToTransactionException = GroupAuthorizationException.forGroupId(GROUP);
        publisher.publish();
        assertThat(publisher.problem()).contains("no right to the group " + GROUP);

        producers.get(0).sendOffsetsToTransactionException = null;
        publisher.publish();
        assertThat(publisher.problem()).isNull();
    }

    @Test
    void abortedTransactionIsRepeatedWithItsAnswers() {
        answer(0);
        newProducer();
        producers.get(0).sendOffsetsToTransactionException = new CommitFailedException("stale member epoch");

        assertThat(publisher.publish()).isFalse();
        producers.get(0).sendOffsetsToTransactionException = null;
        assertThat(publisher.publish()).isTrue();

        assertThat(publisher.needsRewind()).isFalse();
        assertThat(producers.get(0).history()).hasSize(1);
        assertThat(committedOffset()).isEqualTo(1);
        assertThat(events).containsExactly("published 0");
    }

    @Test
    void fencedProducerIsReplacedAndRequestsAreReadAgain() {
        answer(0);
        publisher.publish();
        answer(1);
        producers.get(0).fenceProducer();

        assertThat(publisher.publish()).isFalse();

        assertThat(publisher.needsRewind()).isTrue();
        assertThat(events).containsExactly("published 0", "dropped 1");
    }

    @Test
    void nothingIsPublishedUntilTheRewind() {
        answer(0);
        newProducer();
        producers.get(0).commitTransactionException = new ProducerFencedException("woke up too late");
        producers.get(0).abortTransactionException = new ProducerFencedException("woke up too late");
        publisher.publish();
        answer(1);

        assertThat(publisher.publish()).isFalse();
        ledger.close();
        ownership.set(owning(new PartitionLedger(null)));
        publisher.rewound();
        assertThat(publisher.publish()).isTrue();

        assertThat(events).containsExactly("dropped 0", "dropped 1");
    }

    @Test
    void recordThatItsTopicRefusesIsLeftOutAloneInTheEnd() {
        answer(0, 1, 2, 3, 4);
        refused.add(3L);

        int rounds = 0;
        while (events.size() < 5 && rounds < 20) {
            publisher.publish();
            rounds++;
        }

        assertThat(events)
                .containsExactlyInAnyOrder("published 0", "published 1", "published 2", "published 3", "published 4");
        assertThat(producers.get(0).history()).hasSize(4);
        assertThat(committedOffset()).isEqualTo(5);
        answer(5, 6, 7);
        publisher.publish();
        assertThat(events).hasSize(8);
    }

    /** A kill between two transactions must lose nothing, whichever of them its topic refused. */
    @Test
    void committedOffsetsAreThoseWhoseResultsAreCommitted() {
        long[] offsets = LongStream.range(0, 40).toArray();
        answer(offsets);
        refused.add(13L);

        for (int round = 0; round < 40 && !events.contains("published 13"); round++) {
            publisher.publish();

            assertThat(committedOffsets()).isEqualTo(publishedOffsets());
        }
        assertThat(events).contains("published 13");
    }

    @Test
    void answersOfAPartitionThatWentAwayAreDropped() {
        answer(0);
        ownership.set(new AssignedPartitions(group(), Map.of()));

        assertThat(publisher.publish()).isTrue();

        assertThat(events).containsExactly("dropped 0");
        assertThat(producers).isEmpty();
    }

    private List<ProducerRecord<byte[], byte[]>> records(RequestResult answer) {
        if (answer.result() == null) {
            return List.of();
        }
        if (refused.contains(answer.record().offset())) {
            throw new KafkaException("in an error state", new RecordTooLargeException("2 MB"));
        }
        return List.of(new ProducerRecord<>(
                "results", answer.record().key(), answer.record().value()));
    }

    private void answer(long... offsets) {
        for (long offset : offsets) {
            ledger.take(offset);
        }
        for (long offset : offsets) {
            publisher.submit(() -> writer.rejected(
                    new PolledRequest(Fakes.record(0, offset), ledger, Fakes.request("dishes", null), Fakes.NOW),
                    PreparationTimings.attempt(1),
                    new FaultException(ErrorKind.NOT_FOUND, "no such file")));
        }
    }

    private MockProducer<byte[], byte[]> newProducer() {
        if (!producers.isEmpty() && !producers.get(0).closed()) {
            return producers.get(0);
        }
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        producers.add(0, producer);
        return producer;
    }

    private long committedOffset() {
        return producers.get(0).consumerGroupOffsetsHistory().stream()
                .flatMap(byGroup -> byGroup.values().stream())
                .flatMap(byPartition -> byPartition.values().stream())
                .mapToLong(OffsetAndMetadata::offset)
                .max()
                .orElseThrow();
    }

    private Set<Long> publishedOffsets() {
        return events.stream()
                .filter(event -> event.startsWith("published "))
                .map(event -> Long.valueOf(event.substring("published ".length())))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<Long> committedOffsets() {
        Set<Long> answered = new TreeSet<>();
        producers.get(0).consumerGroupOffsetsHistory().stream()
                .flatMap(byGroup -> byGroup.values().stream())
                .flatMap(byPartition -> byPartition.values().stream())
                .forEach(committed -> {
                    CommittedOffsets offsets = CommittedOffsets.of(committed);
                    LongStream.range(0, offsets.base()).forEach(answered::add);
                    answered.addAll(offsets.answered());
                });
        return answered;
    }

    // The only way to one without a broker; real ones come from a consumer's poll.
    @SuppressWarnings("removal")
    private static ConsumerGroupMetadata group() {
        return new ConsumerGroupMetadata(GROUP);
    }

    private static AssignedPartitions owning(PartitionLedger ledger) {
        return new AssignedPartitions(group(), Map.of(PARTITION, ledger));
    }
}
