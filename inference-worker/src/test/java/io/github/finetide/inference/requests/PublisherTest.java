package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Fakes.Publications;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PublisherTest {
    private static final String GROUP = "workers";
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    private static final String RESULTS = "results";
    private static final String LETTERS = "requests.dlq";

    private final List<RefusingProducer> producers = new ArrayList<>();
    private final List<String> shown = new ArrayList<>();
    private final PartitionLedger ledger = new PartitionLedger(new CommittedOffsets(0, new TreeSet<>()), "A");
    private final AtomicReference<AssignedPartitions> ownership = new AtomicReference<>(owning(ledger));
    private final Publications publications = new Publications();
    private final List<String> events = publications.events;
    private final InFlight inFlight =
            new InFlight(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, () -> 0, change -> {});
    private final Map<String, ApiException> unwritable = new HashMap<>();
    private final Map<String, ApiException> missing = new HashMap<>();
    private final Set<String> refused = new HashSet<>();
    private final AtomicLong now = new AtomicLong();
    private CompletableFuture<String> topicId = CompletableFuture.completedFuture("A");
    private final Publisher publisher = new Publisher(
            new ResultProducer(this::newProducer, this::show),
            new ResultQueue(this::records, new OutputTopics(this::check, now::get), publications),
            ownership,
            new RequestsTopic("requests", () -> topicId, () -> {}),
            now::get);

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
        RefusingProducer first = newProducer();
        Thread running = Threads.daemon("publish", publisher);

        running.start();

        await().until(first::transactionInitialized);
        publisher.stop();
        running.join();
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
        assertThat(events).containsExactly("published 0");
        assertThat(inFlight.count()).isZero();
    }

    /** Else gauges stay with a producer that is gone, and its threads are kept. */
    @Test
    void metricsFollowTheProducer() {
        answer(0);
        publisher.publish();
        answer(1);
        producers.get(0).fenceProducer();
        publisher.publish();
        publisher.rewound();
        answer(2);
        publisher.publish();
        publisher.close();

        assertThat(producers).hasSize(2).allMatch(MockProducer::closed);
        assertThat(shown).containsExactly("shown", "closed", "shown", "closed");
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
        ownership.set(owning(new PartitionLedger(null, "")));
        publisher.rewound();
        assertThat(publisher.publish()).isTrue();

        assertThat(events).isEmpty();
        assertThat(inFlight.count()).isZero();
    }

    /** A topic that is made anew counts from 0: its requests would be taken for those that are answered. */
    @Test
    void nothingIsCommittedOfRequestsThatMayBeOfAnotherTopic() {
        answer(0);
        topicId = CompletableFuture.completedFuture("B");

        assertThat(publisher.publish()).isFalse();

        assertThat(publisher.needsRewind()).isTrue();
        assertThat(producers.get(0).history()).isEmpty();
        assertThat(events).isEmpty();
        assertThat(inFlight.count()).isZero();
    }

    @Test
    void resultsWaitWhileTheTopicIsMissing() {
        answer(0);
        topicId = CompletableFuture.failedFuture(new UnknownTopicOrPartitionException("requests"));

        assertThat(publisher.publish()).isFalse();
        assertThat(publisher.problem()).contains("a topic does not exist (requests)");
        topicId = CompletableFuture.completedFuture("A");
        assertThat(publisher.publish()).isTrue();

        assertThat(committedOffset()).isEqualTo(1);
    }

    /** A kill between two transactions must lose nothing, whichever of them its topic refused. */
    @Test
    void committedOffsetsAreThoseWhoseResultsAreCommitted() {
        answer(LongStream.range(0, 40).toArray());
        refuse(13);

        for (int round = 0; round < 40 && publishedOffsets().size() < 40; round++) {
            publisher.publish();

            assertThat(committedOffsets()).isEqualTo(publishedOffsets());
        }
        assertThat(publishedOffsets()).hasSize(40);
    }

    @Test
    void recordThatItsTopicRefusesIsPublishedInBrief() {
        answer(0, 1, 2, 3, 4);
        refuse(3);

        publishAll(5);

        assertThat(values(RESULTS))
                .containsExactlyInAnyOrder("result 0", "result 1", "result 2", "brief 3", "result 4");
        assertThat(committedOffset()).isEqualTo(5);
        assertThat(events).noneMatch(event -> event.startsWith("given up"));
    }

    @Test
    void recordThatItsTopicRefusesInBriefTooIsGivenUpAlone() {
        answer(0, 1, 2);
        refused.add("result 1");
        refused.add("brief 1");

        publishAll(3);

        assertThat(values(RESULTS)).containsExactlyInAnyOrder("result 0", "result 2");
        assertThat(events).contains("given up results refused");
        assertThat(committedOffset()).isEqualTo(3);
    }

    @Test
    void missingTopicOfLettersHoldsUpOnlyWhatNeedsIt() {
        missing.put(LETTERS, new UnknownTopicOrPartitionException("no such topic"));
        reject(0);
        answer(1, 2, 3);

        publisher.publish();

        assertThat(publishedOffsets()).containsExactly(1L, 2L, 3L);
        assertThat(publisher.waiting()).isEqualTo(1);
        assertThat(publisher.problem()).contains(LETTERS, "no such topic", "finetide topics");
        missing.clear();
        pass(Duration.ofSeconds(1));
        publisher.publish();
        assertThat(values(LETTERS)).containsExactly("letter 0");
        assertThat(publishedOffsets()).hasSize(4);
        assertThat(publisher.problem()).isNull();
        assertThat(publisher.waiting()).isZero();
    }

    @Test
    void topicThatMustNotBeWrittenHoldsUpOnlyWhatNeedsIt() {
        unwritable.put(LETTERS, new TopicAuthorizationException(Set.of(LETTERS)));
        answer(1);
        reject(0);
        answer(2);

        publisher.publish();
        publisher.publish();

        assertThat(publishedOffsets()).containsExactly(1L, 2L);
        assertThat(publisher.problem()).contains(LETTERS);
        unwritable.clear();
        pass(Duration.ofSeconds(1));
        publisher.publish();
        assertThat(publishedOffsets()).hasSize(3);
    }

    /** The requester gets the result; where the request stands, the log says. */
    @Test
    void letterIsGivenUpWhenItsTopicStaysAway() {
        missing.put(LETTERS, new UnknownTopicOrPartitionException("no such topic"));
        reject(0);
        publisher.publish();
        assertThat(publishedOffsets()).isEmpty();

        pass(OutputTopics.PATIENCE.plusSeconds(1));
        publisher.publish();

        assertThat(values(RESULTS)).containsExactly("result 0");
        assertThat(events).containsExactly("given up requests.dlq not_writable", "published 0");
        assertThat(publisher.problem()).contains(LETTERS);
    }

    @Test
    void onlySoManyResultsWaitForATopicOfLetters() {
        missing.put(LETTERS, new UnknownTopicOrPartitionException("no such topic"));
        reject(LongStream.range(0, ResultQueue.MOST_WAITING + 10).toArray());

        publisher.publish();
        publisher.publish();

        assertThat(publisher.waiting()).isEqualTo(ResultQueue.MOST_WAITING);
        assertThat(publishedOffsets()).hasSize(10);
    }

    @Test
    void positionIsCommittedWhenNothingIsInFlight() {
        answer(0);
        publisher.publish();
        ledger.reached(5_001);
        publisher.publish();
        assertThat(committedOffset()).isEqualTo(1);

        pass(Duration.ofSeconds(2));
        publisher.publish();

        assertThat(committedOffset()).isEqualTo(5_001);
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
    void answersOfAPartitionThatWentAwayAreDropped() {
        answer(0);
        ownership.set(new AssignedPartitions(group(), Map.of()));

        assertThat(publisher.publish()).isTrue();

        assertThat(events).isEmpty();
        assertThat(inFlight.count()).isZero();
        assertThat(producers).isEmpty();
    }

    private List<OutgoingRecord> records(RequestResult result) {
        long offset = result.place().offset();
        List<OutgoingRecord> records = new ArrayList<>();
        records.add(OutgoingRecord.result(record(RESULTS, "result " + offset), record(RESULTS, "brief " + offset)));
        if (result.isDeadLetter()) {
            records.add(OutgoingRecord.letter(record(LETTERS, "letter " + offset), record(LETTERS, "l " + offset)));
        }
        return records;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String value) {
        return new ProducerRecord<>(topic, value.getBytes(UTF_8));
    }

    private CompletionStage<?> check(String topic) {
        ApiException why = missing.get(topic);
        return why == null ? CompletableFuture.completedStage(topic) : CompletableFuture.failedStage(why);
    }

    private @Nullable ApiException refusal(ProducerRecord<byte[], byte[]> record) {
        return refused.contains(new String(record.value(), UTF_8))
                ? new RecordTooLargeException("2 MB")
                : unwritable.get(record.topic());
    }

    private void refuse(long offset) {
        refused.add("result " + offset);
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void publishAll(int results) {
        for (int round = 0; round < 20 && publishedOffsets().size() < results; round++) {
            publisher.publish();
        }
    }

    private List<String> values(String topic) {
        return producers.get(0).history().stream()
                .filter(record -> record.topic().equals(topic))
                .map(record -> new String(record.value(), UTF_8))
                .toList();
    }

    private void answer(long... offsets) {
        submit(null, offsets);
    }

    private void reject(long... offsets) {
        submit(new FaultException(ErrorKind.NOT_FOUND, "no such file"), offsets);
    }

    private void submit(@Nullable FaultException why, long... offsets) {
        for (long offset : offsets) {
            ledger.take(offset);
            RequestPlace place = new RequestPlace(Fakes.record(0, offset), ledger, inFlight.enter(0));
            publisher.submit(() -> new RequestResult(place, null, why, 1));
        }
    }

    private AutoCloseable show(Producer<byte[], byte[]> producer) {
        shown.add("shown");
        return () -> shown.add("closed");
    }

    private RefusingProducer newProducer() {
        if (!producers.isEmpty() && !producers.get(0).closed()) {
            return producers.get(0);
        }
        RefusingProducer producer = new RefusingProducer(this::refusal);
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
