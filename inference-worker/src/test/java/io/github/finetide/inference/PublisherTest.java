package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class PublisherTest {
    private static final String GROUP = "workers";
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    private final List<MockProducer<byte[], byte[]>> producers = new ArrayList<>();
    private final PartitionLedger ledger = new PartitionLedger(new Progress(0, new TreeSet<>()));
    private final AtomicReference<Ownership> ownership = new AtomicReference<>(owning(ledger));
    private final List<String> events = new ArrayList<>();
    private final Publisher publisher = new Publisher(
            this::newProducer,
            answer -> List.of(new ProducerRecord<>(
                    "results", answer.record().key(), answer.record().value())),
            ownership,
            new AnswerListener() {
                @Override
                public void published(Answer answer) {
                    events.add("published " + answer.record().offset());
                }

                @Override
                public void dropped(Answer answer) {
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
    void answersOfAPartitionThatWentAwayAreDropped() {
        answer(0);
        ownership.set(new Ownership(group(), Map.of()));

        assertThat(publisher.publish()).isTrue();

        assertThat(events).containsExactly("dropped 0");
        assertThat(producers).isEmpty();
    }

    private void answer(long... offsets) {
        for (long offset : offsets) {
            ledger.take(offset);
        }
        for (long offset : offsets) {
            publisher.submit(() -> new Answer(Fakes.record(0, offset), ledger, null, null, 1));
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

    // The only way to one without a broker; real ones come from a consumer's poll.
    @SuppressWarnings("removal")
    private static ConsumerGroupMetadata group() {
        return new ConsumerGroupMetadata(GROUP);
    }

    private static Ownership owning(PartitionLedger ledger) {
        return new Ownership(group(), Map.of(PARTITION, ledger));
    }
}
