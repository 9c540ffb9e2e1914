package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JobQueueTest {
    private static final Duration LOCK = Duration.ofMillis(150);

    private final FakeShareConsumer member = new FakeShareConsumer();
    private final StopSignal stopping = new StopSignal();
    private final Obstacle obstacle = new Obstacle();

    @Test
    void aFinishedJobIsAccepted() {
        member.offer(7);
        run(JobAcknowledgement.DONE, 0);

        assertThat(member.acknowledged).containsExactly(AcknowledgeType.ACCEPT);
    }

    @Test
    void aJobHandedOverIsReleased() {
        member.offer(7);
        run(JobAcknowledgement.RELEASED, 0);

        assertThat(member.acknowledged).containsExactly(AcknowledgeType.RELEASE);
    }

    @Test
    void theLockIsRenewedWhileTheJobRuns() {
        member.offer(7);
        run(JobAcknowledgement.DONE, 3);

        assertThat(member.acknowledged.subList(0, 3)).containsOnly(AcknowledgeType.RENEW);
        assertThat(member.acknowledged).endsWith(AcknowledgeType.ACCEPT);
        assertThat(member.acknowledged).containsOnlyOnce(AcknowledgeType.ACCEPT);
    }

    @Test
    void aJobOfAnotherOwnerIsNeitherAcceptedNorReleased() {
        member.offer(7);
        run(JobAcknowledgement.LOST, 0);

        assertThat(member.acknowledged).isEmpty();
        assertThat(member.closed).isTrue();
    }

    @Test
    void workGoesOnWhenTheLockIsLostAndNothingIsAcknowledged() {
        member.offer(7);
        member.failCommits(new KafkaException("record state is invalid"));
        run(JobAcknowledgement.DONE, 1);

        assertThat(member.acknowledged).containsExactly(AcknowledgeType.RENEW);
        assertThat(member.closed).isTrue();
    }

    @Test
    void aJobThatDoesNotComeToAnEndInTimeIsGivenAway() {
        StopSignal hasty = new StopSignal(Duration.ofMillis(50));
        CountDownLatch tested = new CountDownLatch(1);
        member.offer(7);
        new JobQueue(
                        () -> member,
                        "training.jobs",
                        LOCK,
                        handler(() -> {
                            hasty.request();
                            return awaited(tested);
                        }),
                        Quickly.retrying(obstacle, hasty, InstantSource.system()))
                .run();
        tested.countDown();

        assertThat(member.acknowledged).endsWith(AcknowledgeType.RELEASE).doesNotContain(AcknowledgeType.ACCEPT);
    }

    private static JobAcknowledgement awaited(CountDownLatch end) {
        try {
            assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
            return JobAcknowledgement.DONE;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs the queue until its first job ended; the job waits for so many renewals. */
    private void run(JobAcknowledgement disposition, int renewals) {
        JobQueue queue = new JobQueue(
                () -> member,
                "training.jobs",
                LOCK,
                handler(() -> {
                    awaitRenewals(renewals);
                    stopping.request();
                    return disposition;
                }),
                Quickly.retrying(obstacle, stopping, InstantSource.system()));
        queue.run();
    }

    private static JobHandler handler(Supplier<JobAcknowledgement> work) {
        return new JobHandler() {
            @Override
            public JobAcknowledgement handle(ConsumerRecord<byte[], byte[]> record, BooleanSupplier isLocked) {
                assertThat(record.offset()).isEqualTo(7);
                return work.get();
            }

            @Override
            public JobAcknowledgement giveAway() {
                return JobAcknowledgement.RELEASED;
            }
        };
    }

    private void awaitRenewals(int renewals) {
        try {
            assertThat(member.renewals(renewals).await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
