package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.training.Jobs;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a job needs may be away for a while. */
@Timeout(60)
class JobOutageTest extends DispatchedJobs {
    @Test
    void aStoreThatIsAwayForAMomentIsWaitedFor() {
        AtomicInteger tries = new AtomicInteger();
        handle((job, progress) -> {
            if (tries.incrementAndGet() == 1) {
                throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
            }
            return oneEpoch(job, progress);
        });

        assertThat(tries).hasValue(2);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(values(owned, Topics.deadLetters(topics.trainingJobs()))).isEmpty();
    }

    @Test
    void aWorkerToldToStopDoesNotWaitForTheStore() {
        JobAcknowledgement disposition = handle((job, progress) -> {
            stopping.request();
            throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.RELEASED);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.QUEUED);
    }

    @Test
    void aJobOverItsTimeReleasesWhatIsKnownThoughTheStoreIsAway() {
        JobAcknowledgement disposition = handle(Jobs.json(",\"maxDuration\":\"PT0.001S\""), (job, progress) -> {
            oneEpoch(job, progress);
            now = now.plusSeconds(1);
            throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
        assertThat(lastStatus(owned).reason()).contains("maxDuration");
        assertThat(values(owned, topics.modelReleases())).hasSize(1);
    }

    @Test
    void anImageThatStaysAwayFailsTheJobThoughEachRunGetsAsFarAgain() {
        AtomicInteger runs = new AtomicInteger();
        handle((job, progress) -> {
            now = now.plus(OutageWait.POLICY.patience().dividedBy(2)).plusSeconds(1);
            progress.batchEnded(batch(BatchResult.Split.TRAIN));
            runs.incrementAndGet();
            throw new FaultException(ErrorKind.UNAVAILABLE, "image 7 is not there");
        });

        assertThat(runs).hasValue(3);
        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }

    /** The run itself tries again what it needs of the store; its waiting and the job's have one limit. */
    @Test
    void aStoreThatStaysAwayIsTriedForTenMinutesInAll() {
        Instant first = now;
        AtomicInteger tries = new AtomicInteger();
        handle((job, progress) -> {
            while (true) {
                FaultException away = new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
                now = tries.incrementAndGet() == 1 ? now : now.plusSeconds(30);
                progress.awaitRetry("save a checkpoint", away);
            }
        });

        assertThat(Duration.between(first, now)).isEqualTo(Duration.ofMinutes(10));
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void anOutageAfterHoursIsWaitedForToo() {
        AtomicInteger runs = new AtomicInteger();
        handle((job, progress) -> {
            now = now.plus(Duration.ofHours(5));
            if (runs.incrementAndGet() == 1) {
                throw new FaultException(ErrorKind.UNAVAILABLE, "the file server is not there");
            }
            return oneEpoch(job, progress);
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }
}
