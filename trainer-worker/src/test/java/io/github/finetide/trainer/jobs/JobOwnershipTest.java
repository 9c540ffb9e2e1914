package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.finetide.trainer.training.Jobs;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class JobOwnershipTest {
    private final SlowProducer producer = new SlowProducer();
    private final Deque<SlowProducer> producers = new ArrayDeque<>(List.of(producer));
    private Transactions.CommitState commitState = Transactions.CommitState.ANOTHER;
    private final StopSignal stopping = new StopSignal();
    private Instant now = Jobs.NOW;
    private final Obstacle obstacle = new Obstacle();
    private final JobOwnership ownership = ownership(InstantSource.system()); // makes its producer at once

    @Test
    void whatIsPublishedTogetherIsCommittedTogether() {
        ownership.take();
        ownership.publish(List.of(record("metrics"), record("checkpoint")));

        assertThat(producer.commitCount()).isEqualTo(1);
        assertThat(producer.history()).hasSize(2);
    }

    @Test
    void aFencedOwnerPublishesNothing() {
        ownership.take();
        producer.fenceProducer();

        assertThatExceptionOfType(FencedException.class).isThrownBy(() -> ownership.publish(List.of(record("late"))));
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void aBrokerThatGaveTheTransactionUpIsNoOtherOwner() {
        commitState = Transactions.CommitState.NOTHING;
        SlowProducer second = new SlowProducer();
        producers.add(second);
        ownership.take();
        producer.fenceProducer();
        ownership.publish(List.of(record("epoch")));

        assertThat(producer.history()).isEmpty();
        assertThat(producer.closed()).isTrue();
        assertThat(second.history()).hasSize(1);
        assertThat(second.commitCount()).isEqualTo(1);
    }

    @Test
    void whatTurnsOutToBeCommittedIsNotSentAgain() {
        commitState = Transactions.CommitState.COMMITTED;
        SlowProducer second = new SlowProducer();
        producers.add(second);
        ownership.take();
        producer.fenceProducer();
        ownership.publish(List.of(record("epoch")));
        assertThat(second.history()).isEmpty();

        ownership.publish(List.of(record("next")));
        assertThat(second.history()).hasSize(1);
    }

    @Test
    void whatIsOfferedComesBeforeWhatIsPublishedAfterIt() {
        ownership.take();
        assertThat(ownership.offer(record("progress"))).isTrue();
        ownership.publish(List.of(record("epoch")));

        assertThat(producer.history())
                .extracting(sent -> new String(sent.value(), StandardCharsets.UTF_8))
                .containsExactly("progress", "epoch");
    }

    @Test
    void anOfferThatFindsAnotherOwnerStopsTheWork() {
        ownership.take();
        producer.fenceProducer();
        assertThat(ownership.offer(record("progress"))).isTrue();

        assertThatExceptionOfType(FencedException.class).isThrownBy(() -> ownership.publish(List.of(record("epoch"))));
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void aCommitThatTimedOutIsRepeatedNotSentAgain() {
        producer.timeouts = 1;
        ownership.take();
        ownership.publish(List.of(record("epoch")));

        assertThat(producer.timeouts).isZero();
        assertThat(producer.commitCount()).isEqualTo(1);
        assertThat(producer.history()).hasSize(1);
    }

    @Test
    void aBrokerThatStaysAwayBeyondTheLimitGivesTheJobBackToTheQueue() {
        JobOwnership patient = ownership(() -> now);
        patient.take();
        producer.timeouts = 5;
        producer.eachTimeOut = () -> now = now.plus(Retrying.BROKER_AWAY_LIMIT).plusMillis(1);

        assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> patient.publish(List.of(record("epoch"))));
        assertThat(producer.timeouts).as("left").isEqualTo(4);
    }

    @Test
    void aStoppingWorkerDoesNotWaitForTheBroker() {
        ownership.take();
        stopping.request();
        producer.timeouts = 1;

        assertThatExceptionOfType(KafkaException.class).isThrownBy(() -> ownership.publish(List.of(record("epoch"))));
        assertThat(producer.history()).isEmpty();
    }

    private JobOwnership ownership(InstantSource clock) {
        return new JobOwnership(new Transactions(
                "training-j",
                () -> producers.size() > 1 ? producers.removeLast() : producers.element(),
                records -> commitState,
                Quickly.retrying(obstacle, stopping, clock)));
    }

    private static ProducerRecord<byte[], byte[]> record(String value) {
        return new ProducerRecord<>("topic", value.getBytes(StandardCharsets.UTF_8));
    }

    /** Commits after so many time-outs. */
    private static final class SlowProducer extends MockProducer<byte[], byte[]> {
        int timeouts;
        Runnable eachTimeOut = () -> {};

        SlowProducer() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public void commitTransaction() {
            if (timeouts > 0) {
                timeouts--;
                eachTimeOut.run();
                throw new TimeoutException("no answer");
            }
            super.commitTransaction();
        }
    }
}
