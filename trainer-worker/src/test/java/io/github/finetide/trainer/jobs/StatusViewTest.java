package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.trainer.jobs.StatusView.Verdict;
import io.github.finetide.trainer.training.Jobs;
import org.junit.jupiter.api.Test;

class StatusViewTest {
    private final KnownStatuses known = new KnownStatuses();
    private final StatusView statuses = known.view();

    @Test
    void anUnknownJobRuns() {
        assertThat(judge("a", 5)).isEqualTo(Verdict.RUN);
    }

    @Test
    void aRecordDeliveredAgainAfterItsEndIsEnded() {
        known.add(Jobs.status("a", 5, JobState.FAILED, 0));

        assertThat(judge("a", 5)).isEqualTo(Verdict.ENDED);
    }

    @Test
    void aFailedJobProducedAgainRuns() {
        known.add(Jobs.status("a", 5, JobState.FAILED, 3));

        assertThat(judge("a", 6)).isEqualTo(Verdict.RUN);
    }

    @Test
    void aSucceededJobProducedAgainIsAnswered() {
        known.add(Jobs.status("a", 5, JobState.SUCCEEDED, 3));

        assertThat(judge("a", 6)).isEqualTo(Verdict.DONE_BEFORE);
    }

    @Test
    void anotherJobMayNotTakeANameWithResults() {
        known.add(Jobs.status("a", 5, JobState.SUCCEEDED, 3));

        assertThat(judge("b", 6)).isEqualTo(Verdict.NAME_TAKEN);
    }

    @Test
    void anotherJobMayNotTakeANameInUse() {
        known.add(Jobs.status("a", 5, JobState.RUNNING, 0));

        assertThat(judge("b", 6)).isEqualTo(Verdict.NAME_TAKEN);
    }

    @Test
    void aNameWithoutResultsIsFree() {
        known.add(Jobs.status("a", 5, JobState.FAILED, 0));

        assertThat(judge("b", 6)).isEqualTo(Verdict.RUN);
    }

    @Test
    void theNewestRecordOfAJobWins() {
        known.add(Jobs.status("a", 5, JobState.RUNNING, 0));
        known.add(Jobs.status("a", 6, JobState.RUNNING, 0));

        assertThat(judge("a", 5)).isEqualTo(Verdict.SUPERSEDED);
        assertThat(judge("a", 6)).isEqualTo(Verdict.RUN);
    }

    @Test
    void epochsPublishedUnderAnEarlierRecordArePublished() {
        known.add(Jobs.status("a", 5, JobState.CANCELLED, 3));

        assertThat(statuses.publishedEpochs(Jobs.job(), Jobs.digest("a"))).isEqualTo(3);
        assertThat(statuses.publishedEpochs(Jobs.job(), Jobs.digest("b"))).isZero();
    }

    @Test
    void aDeletedNameIsForgotten() {
        known.add(Jobs.status("a", 5, JobState.SUCCEEDED, 3));
        statuses.forget(Jobs.job().jobId());

        assertThat(judge("b", 6)).isEqualTo(Verdict.RUN);
    }

    /** They are as many as there ever were jobs; whoever has their name finds them in the topic. */
    @Test
    void jobsThatEndedAreNotHeld() {
        for (int i = 0; i < 1000; i++) {
            String jobId = "job-" + i;
            known.add(status(jobId, i, JobState.RUNNING));
            known.add(status(jobId, i, JobState.SUCCEEDED));
        }

        assertThat(statuses.held()).isZero();
        assertThat(statuses.lastingStatus("job-500"))
                .hasValueSatisfying(status -> assertThat(status.jobOffset()).isEqualTo(500));
    }

    @Test
    void aNameWithSeveralRecordsKeepsWhatEachOfThemCameTo() {
        known.add(status("j", 1, JobState.SUCCEEDED));
        known.add(status("j", 2, JobState.CANCELLED));
        known.add(status("j", 3, JobState.RUNNING));

        assertThat(statuses.all("j").values())
                .extracting(JobStatus::state)
                .containsExactly(JobState.SUCCEEDED, JobState.CANCELLED, JobState.RUNNING);
    }

    private static JobStatus status(String jobId, long offset, JobState state) {
        return JobStatus.builder(jobId, state, Jobs.NOW)
                .epoch(3)
                .epochs(3)
                .finishedAt(state.isFinal() ? Jobs.NOW : null)
                .jobDigest("a")
                .jobOffset(offset)
                .build();
    }

    private Verdict judge(String content, long offset) {
        return statuses.judge(Jobs.job(), Jobs.digest(content), new StatusView.Place("topic-a", offset));
    }
}
