package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.inference.model.Fakes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnstableOffsetCommitException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RequestLoopTest {
    private static final String TOPIC = "requests";
    private static final TopicPartition FIRST = new TopicPartition(TOPIC, 0);
    private static final TopicPartition SECOND = new TopicPartition(TOPIC, 1);
    private static final int HIGH = 4;
    private static final long BOMB = 2;

    private final List<Duration> waits = new ArrayList<>();
    private final Set<TopicPartition> unstable = new HashSet<>();
    private final Queue<Throwable> troubles = new ArrayDeque<>();
    private final AtomicLong now = new AtomicLong();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest") {
        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration wait) {
            waits.add(wait);
            ConsumerRecords<byte[], byte[]> polled = super.poll(wait);
            Throwable trouble = troubles.poll();
            if (trouble instanceof Error error) {
                throw error;
            } else if (trouble instanceof RuntimeException exception) {
                throw exception;
            }
            return polled;
        }
    };
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final MockProducer<byte[], byte[]> another =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private final AtomicReference<AssignedPartitions> ownership = new AtomicReference<>(AssignedPartitions.NONE);
    private final InFlight inFlight = new InFlight(HIGH, Integer.MAX_VALUE, Long.MAX_VALUE, () -> 0, change -> {});
    private final List<PolledRequest> taken = new ArrayList<>();
    private final AtomicReference<String> topicId = new AtomicReference<>("A");
    private final RequestsTopic topic =
            new RequestsTopic(TOPIC, () -> CompletableFuture.completedStage(topicId.get()), () -> {});
    private final Publisher publisher = new Publisher(
            new ResultProducer(() -> producer.closed() ? another : producer, shown -> () -> {}),
            new ResultQueue(
                    result -> List.of(OutgoingRecord.result(
                            new ProducerRecord<>(
                                    "results", result.place().record().value()),
                            null)),
                    new OutputTopics(topic -> CompletableFuture.completedStage(topic), now::get),
                    new Fakes.Publications()),
            ownership,
            topic,
            now::get);
    private final PartitionOwnership partitions = partitions(consumer);
    private final RequestLoop loop = loop(consumer, partitions);

    @BeforeEach
    void empty() {
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        assertThat(publisher.begin()).isTrue();
        topic.look();
    }

    @Test
    void newGroupReadsFromTheBeginning() {
        run(assign(FIRST), records(FIRST, 0, 1));

        assertThat(offsets()).containsExactly(0L, 1L);
        assertThat(loop.problem()).isNull();
    }

    @Test
    void successorStartsWhereTheGroupStandsAndSkipsWhatIsAnswered() {
        CommittedOffsets progress = new CommittedOffsets(5, new TreeSet<>(List.of(6L, 8L)));

        run(
                assign(FIRST),
                () -> consumer.commitSync(Map.of(FIRST, progress.toCommit())),
                rejoin(FIRST),
                records(FIRST, 5, 6, 7, 8, 9));

        assertThat(offsets()).containsExactly(5L, 7L, 9L);
    }

    @Test
    void offsetsOfATopicThatHadTheNameBeforeDoNotCount() {
        CommittedOffsets former =
                new CommittedOffsets(5, new TreeSet<>(List.of(6L)), new Holding("dead", 4, 1, 2), "former");

        run(
                assign(FIRST),
                () -> consumer.commitSync(Map.of(FIRST, former.toCommit())),
                rejoin(FIRST),
                records(FIRST, 0, 1));

        assertThat(offsets()).containsExactly(0L, 1L);
    }

    @Test
    void topicThatIsMadeAnewIsReadFromItsBeginningByANewMember() throws InterruptedException {
        MockConsumer<byte[], byte[]> second = new MockConsumer<>("earliest");
        Queue<RequestLoop> loops = new ArrayDeque<>(List.of(loop, loop(second, partitions(second))));
        GroupMembership membership = new GroupMembership(loops::remove, Duration.ofDays(1));
        consumer.schedulePollTask(assign(FIRST));
        consumer.schedulePollTask(records(FIRST, 0, 1));
        consumer.schedulePollTask(() -> {
            taken.forEach(this::answer);
            publisher.publish();
            topicId.set("B");
            topic.look();
        });
        second.updateBeginningOffsets(Map.of(FIRST, 0L));
        second.schedulePollTask(() -> {
            second.rebalance(List.of(FIRST));
            second.commitSync(Map.of(FIRST, lastCommit(FIRST)));
        });
        second.schedulePollTask(() -> second.addRecord(request(FIRST, 0)));
        second.schedulePollTask(membership::stop);

        membership.run();

        assertThat(consumer.closed()).isTrue();
        assertThat(offsets()).containsExactly(0L, 1L, 0L);
        membership.leave();
    }

    @Test
    void partitionsRestWhileEnoughIsInFlightAndGoOnAfterwards() {
        List<Integer> paused = new ArrayList<>();

        run(
                assign(FIRST),
                records(FIRST, 0, 1, 2, 3),
                () -> paused.add(consumer.paused().size()),
                () -> {
                    taken.get(0).dropped();
                    taken.get(1).dropped();
                },
                () -> paused.add(consumer.paused().size()));

        assertThat(paused).containsExactly(1, 0);
    }

    /** A consumer with records of a resting partition does not wait in poll, but calls for the processor all the time. */
    @Test
    void restIsNotSpentInPoll() {
        run(assign(FIRST), records(FIRST, 0, 1, 2, 3), () -> {}, () -> {});

        assertThat(waits.get(0)).isPositive();
        assertThat(waits.get(waits.size() - 1)).isZero();
    }

    @Test
    void whatIsAnsweredIsCommittedBeforeAPartitionGoesAndTheRestIsDropped() {
        run(
                assign(FIRST, SECOND),
                records(FIRST, 0, 1),
                records(SECOND, 0),
                () -> answer(taken.get(0)),
                assign(SECOND));

        assertThat(producer.history()).hasSize(1);
        assertThat(committed(FIRST)).isEqualTo(1);
        assertThat(taken).extracting(PolledRequest::isWanted).containsExactly(false, false, true);
        assertThat(Objects.requireNonNull(ownership.get()).ledgers()).containsOnlyKeys(SECOND);
    }

    @Test
    void lostPartitionsCommitNothing() {
        run(assign(FIRST), records(FIRST, 0), () -> {
            answer(taken.get(0));
            partitions.onPartitionsLost(List.of(FIRST));
        });
        publisher.publish();

        assertThat(producer.history()).isEmpty();
        assertThat(taken).extracting(PolledRequest::isWanted).containsExactly(false);
    }

    @Test
    void partitionThatIsTakenAwayBeforeItsCallbackEndsNothing() {
        List<Integer> assigned = new ArrayList<>();

        run(
                assign(FIRST, SECOND),
                records(SECOND, 0),
                consumer::unsubscribe, // as the consumer's own thread does when its session has run out: no callback
                () -> assigned.add(consumer.assignment().size()));

        assertThat(assigned).containsExactly(0);
        assertThat(taken).hasSize(1);
    }

    @Test
    void afterATransactionOfUnknownOutcomeTheBrokerSaysWhatIsAnswered() {
        run(
                assign(FIRST),
                records(FIRST, 0, 1),
                () -> {
                    answer(taken.get(0));
                    producer.commitTransactionException = new ProducerFencedException("woke up too late");
                    producer.abortTransactionException = producer.commitTransactionException;
                    publisher.publish();
                    assertThat(publisher.begin()).isTrue();
                },
                () -> {},
                records(FIRST, 0, 1));

        assertThat(offsets()).containsExactly(0L, 1L, 0L, 1L);
        assertThat(taken).extracting(PolledRequest::isWanted).containsExactly(false, false, true, true);
        assertThat(publisher.needsRewind()).isFalse();
    }

    @Test
    void partitionWithAnOpenTransactionHoldsUpNoOther() {
        unstable.add(FIRST);

        run(assign(FIRST, SECOND), records(FIRST, 0), records(SECOND, 0), () -> {});

        assertThat(taken)
                .extracting(request -> request.place().record().partition())
                .containsExactly(1);
        assertThat(consumer.paused()).containsExactly(FIRST);
    }

    @Test
    void partitionIsAdoptedOnceItsTransactionHasEnded() {
        unstable.add(FIRST);

        run(assign(FIRST), records(FIRST, 0, 1), () -> {}, unstable::clear, () -> {}, () -> {});

        assertThat(offsets()).containsExactly(0L, 1L);
        assertThat(consumer.paused()).isEmpty();
    }

    /** For what it throws where one of them is not stable. */
    @Test
    void consumerIsNeverLeftToLookForCommittedOffsetsItself() {
        List<Long> positions = new ArrayList<>();
        unstable.add(FIRST);

        run(assign(FIRST), () -> positions.add(consumer.position(FIRST, Duration.ZERO)));

        assertThat(positions).containsExactly(0L);
    }

    @Test
    void whatPassesByItselfDoesNotEndTheLoop() {
        troubles.add(new UnstableOffsetCommitException("in a transaction"));
        troubles.add(new KafkaException("wrapped", new TimeoutException("60 s")));

        run(assign(FIRST), () -> {}, records(FIRST, 0), () -> {});

        assertThat(offsets()).containsExactly(0L);
    }

    /** The consumer still names a lost partition as assigned for a moment; another worker has it by then. */
    @Test
    void lostPartitionIsNeitherReadAgainNorMarkedAfterATransactionOfUnknownOutcome() {
        run(
                assign(FIRST),
                records(FIRST, 0),
                () -> {
                    answer(taken.get(0));
                    producer.commitTransactionException = new ProducerFencedException("woke up too late");
                    producer.abortTransactionException = producer.commitTransactionException;
                    publisher.publish();
                    assertThat(publisher.begin()).isTrue();
                    partitions.onPartitionsLost(List.of(FIRST));
                },
                () -> {},
                () -> {});

        assertThat(taken).hasSize(1);
        assertThat(another.consumerGroupOffsetsHistory()).isEmpty();
        assertThat(publisher.needsRewind()).isFalse();
    }

    @Test
    void partitionIsMarkedBeforeAnythingIsTakenAndGivenBackInGoodOrder() {
        List<Holding> marks = new ArrayList<>();

        run(assign(FIRST, SECOND), () -> marks.add(mark(FIRST)), assign(SECOND), () -> marks.add(mark(FIRST)));

        assertThat(marks.get(0).owner()).isNotEmpty();
        assertThat(marks.get(1)).isEqualTo(Holding.NONE);
    }

    /** Whichever request ends the process, the next workers must not end one by one. */
    @Test
    void afterSeveralDeathsRequestsGoOneByOne() {
        List<Integer> inFlightNow = new ArrayList<>();

        run(
                assign(FIRST),
                committed(new Holding("dead", Holding.CAREFUL_AFTER - 1, -1, 0)),
                rejoin(FIRST),
                records(FIRST, 0, 1, 2),
                () -> inFlightNow.add(taken.size()),
                () -> {
                    assertThat(mark(FIRST).alone()).isZero();
                    answer(taken.get(0));
                    publisher.publish();
                    consumer.seek(FIRST, 3);
                },
                records(FIRST, 3),
                () -> inFlightNow.add(taken.size()));

        assertThat(inFlightNow).containsExactly(1, 2);
    }

    @Test
    void requestThatEndsEveryWorkerIsAnsweredUntried() {
        run(
                assign(FIRST),
                committed(new Holding("dead", Holding.CAREFUL_AFTER, 1, Holding.DEATHS_ALONE - 1)),
                rejoin(FIRST),
                records(FIRST, 1),
                () -> publisher.publish());

        assertThat(taken).isEmpty();
        assertThat(producer.history()).hasSize(1);
        assertThat(mark(FIRST).alone()).isEqualTo(-1);
    }

    private Runnable committed(Holding holding) {
        CommittedOffsets offsets = new CommittedOffsets(0, new TreeSet<>(), holding, "");
        return () -> consumer.commitSync(Map.of(FIRST, offsets.toCommit()));
    }

    private Holding mark(TopicPartition partition) {
        return CommittedOffsets.of(lastCommit(partition)).holding();
    }

    private OffsetAndMetadata lastCommit(TopicPartition partition) {
        List<OffsetAndMetadata> commits = producer.consumerGroupOffsetsHistory().stream()
                .flatMap(byGroup -> byGroup.values().stream())
                .filter(byPartition -> byPartition.containsKey(partition))
                .map(byPartition -> byPartition.get(partition))
                .toList();
        return commits.get(commits.size() - 1);
    }

    /** 700 MB of blanks are under 1 MiB in gzip: every worker in turn would end at the same offset. */
    @Test
    void recordThatDoesNotFitInMemoryCostsItselfAlone() {
        run(assign(FIRST), () -> {}, () -> troubles.add(new OutOfMemoryError("Java heap space")), () -> {}, () -> {
            assertThat(consumer.position(FIRST, Duration.ZERO)).isEqualTo(BOMB + 1);
            taken.forEach(this::answer);
            publisher.publish();
        });

        assertThat(offsets()).containsExactly(0L, 1L);
        assertThat(producer.history()).hasSize(3);
        assertThat(committed(FIRST)).isEqualTo(BOMB + 1);
    }

    @Test
    void whatDoesNotPassEndsTheLoop() {
        troubles.add(new TopicAuthorizationException(TOPIC));

        assertThatThrownBy(() -> run(assign(FIRST))).isInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void memberThatIsRefusedIsFollowedByAnotherUntilItIsLetIn() throws InterruptedException {
        MockConsumer<byte[], byte[]> second = new MockConsumer<>("earliest");
        Queue<RequestLoop> loops = new ArrayDeque<>(List.of(loop, loop(second, partitions(second))));
        GroupMembership membership = new GroupMembership(loops::remove, Duration.ofMillis(1));
        List<String> problems = new ArrayList<>();
        troubles.add(new SaslAuthenticationException("Invalid username or password"));
        consumer.schedulePollTask(assign(FIRST));
        second.updateBeginningOffsets(Map.of(FIRST, 0L));
        second.schedulePollTask(() -> problems.add(membership.problem()));
        second.schedulePollTask(() -> second.rebalance(List.of(FIRST)));
        second.schedulePollTask(() -> problems.add(membership.problem()));
        second.schedulePollTask(membership::stop);

        membership.run();

        assertThat(consumer.closed()).isTrue();
        assertThat(problems.get(0)).contains("the broker refused the credentials (Invalid username or password)");
        assertThat(problems.get(1)).isNull();
        membership.leave();
        assertThat(second.closed()).isTrue();
    }

    /** Reads a record a poll, and has no room for one of them. */
    private static final class SinglesReader extends MockConsumer<byte[], byte[]> {
        SinglesReader() {
            super("earliest");
        }

        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration wait) {
            TopicPartition partition = assignment().iterator().next();
            long offset = position(partition, wait);
            if (offset == BOMB) {
                throw new OutOfMemoryError("Java heap space");
            }
            seek(partition, offset + 1);
            return new ConsumerRecords<>(Map.of(partition, List.of(request(partition, offset))), Map.of());
        }
    }

    /** As the broker does: by partition, and not a word of one with an open transaction. */
    private CompletionStage<Map<TopicPartition, Optional<CommittedOffsets>>> read(
            MockConsumer<byte[], byte[]> member, Set<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> committed = member.committed(partitions);
        Map<TopicPartition, Optional<CommittedOffsets>> stable = new HashMap<>();
        for (TopicPartition partition : partitions) {
            if (!unstable.contains(partition)) {
                stable.put(
                        partition, Optional.ofNullable(committed.get(partition)).map(CommittedOffsets::of));
            }
        }
        return CompletableFuture.completedStage(stable);
    }

    private void answer(PolledRequest request) {
        publisher.submit(() -> new RequestResult(request.place(), null, null, 1));
    }

    private RequestLoop loop(MockConsumer<byte[], byte[]> member, PartitionOwnership owned) {
        return new RequestLoop(
                member,
                topic,
                new Intake(
                        inFlight,
                        2,
                        request -> taken.add((PolledRequest) request),
                        new ResultWriter("w", InstantSource.system(), publisher::submit),
                        InstantSource.system()),
                owned,
                new PollRecovery(SinglesReader::new));
    }

    private PartitionOwnership partitions(MockConsumer<byte[], byte[]> member) {
        return new PartitionOwnership(
                member,
                topic,
                publisher,
                ownership,
                new FreshPartitions(
                        asked -> read(member, asked), () -> now.addAndGet(FreshPartitions.PAUSE.toNanos())));
    }

    /** One of these before each poll, and then the end. */
    private void run(Runnable... polls) {
        for (Runnable poll : polls) {
            consumer.schedulePollTask(poll);
        }
        consumer.schedulePollTask(loop::stop);
        loop.run();
    }

    private Runnable assign(TopicPartition... partitions) {
        return () -> consumer.rebalance(List.of(partitions));
    }

    private Runnable rejoin(TopicPartition partition) {
        return () -> {
            consumer.rebalance(List.of());
            consumer.rebalance(List.of(partition));
        };
    }

    private Runnable records(TopicPartition partition, long... offsets) {
        return () -> {
            for (long offset : offsets) {
                consumer.addRecord(request(partition, offset));
            }
        };
    }

    private static ConsumerRecord<byte[], byte[]> request(TopicPartition partition, long offset) {
        byte[] value = "{\"requestId\": \"r\", \"image\": \"file:///a.png\"}".getBytes(UTF_8);
        return new ConsumerRecord<>(TOPIC, partition.partition(), offset, new byte[0], value);
    }

    private List<Long> offsets() {
        return taken.stream().map(request -> request.place().record().offset()).toList();
    }

    private long committed(TopicPartition partition) {
        return producer.consumerGroupOffsetsHistory().stream()
                .flatMap(byGroup -> byGroup.values().stream())
                .filter(byPartition -> byPartition.containsKey(partition))
                .mapToLong(byPartition -> byPartition.get(partition).offset())
                .max()
                .orElseThrow();
    }
}
