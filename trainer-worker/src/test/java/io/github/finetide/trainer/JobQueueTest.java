package io.github.finetide.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class JobQueueTest {
    private static final Duration LOCK = Duration.ofMillis(150);

    private final FakeShareConsumer member = new FakeShareConsumer();
    private final Stopping stopping = new Stopping();

    @Test
    void aFinishedJobIsAccepted() {
        member.offer(7);
        run(Disposition.DONE, 0);

        assertThat(member.acknowledged).containsExactly(AcknowledgeType.ACCEPT);
    }

    @Test
    void aJobHandedOverIsReleased() {
        member.offer(7);
        run(Disposition.RELEASED, 0);

        assertThat(member.acknowledged).containsExactly(AcknowledgeType.RELEASE);
    }

    @Test
    void theLockIsRenewedWhileTheJobRuns() {
        member.offer(7);
        run(Disposition.DONE, 3);

        assertThat(member.acknowledged.subList(0, 3)).containsOnly(AcknowledgeType.RENEW);
        assertThat(member.acknowledged).endsWith(AcknowledgeType.ACCEPT);
        assertThat(member.acknowledged).containsOnlyOnce(AcknowledgeType.ACCEPT);
    }

    @Test
    void aJobOfAnotherOwnerIsNeitherAcceptedNorReleased() {
        member.offer(7);
        run(Disposition.LOST, 0);

        assertThat(member.acknowledged).isEmpty();
        assertThat(member.closed).isTrue();
    }

    @Test
    void workGoesOnWhenTheLockIsLostAndNothingIsAcknowledged() {
        member.offer(7);
        member.failCommits(new KafkaException("record state is invalid"));
        run(Disposition.DONE, 1);

        assertThat(member.acknowledged).containsExactly(AcknowledgeType.RENEW);
        assertThat(member.closed).isTrue();
    }

    /** Runs the queue until its first job ended; the job waits for so many renewals. */
    private void run(Disposition disposition, int renewals) {
        JobQueue queue = new JobQueue(
                () -> member,
                "training.jobs",
                LOCK,
                record -> {
                    assertThat(record.offset()).isEqualTo(7);
                    awaitRenewals(renewals);
                    stopping.request();
                    return disposition;
                },
                stopping);
        queue.run();
    }

    private void awaitRenewals(int renewals) {
        try {
            assertThat(member.renewals(renewals).await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
