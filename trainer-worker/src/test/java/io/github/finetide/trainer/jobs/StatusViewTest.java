package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.JobState;
import io.github.finetide.trainer.jobs.StatusView.Verdict;
import io.github.finetide.trainer.training.Jobs;
import org.junit.jupiter.api.Test;

class StatusViewTest {
    private final StatusView statuses = new StatusView();

    @Test
    void anUnknownJobRuns() {
        assertThat(judge("a", 5)).isEqualTo(Verdict.RUN);
    }

    @Test
    void aRecordDeliveredAgainAfterItsEndIsEnded() {
        statuses.add(Jobs.status("a", 5, JobState.FAILED, 0));

        assertThat(judge("a", 5)).isEqualTo(Verdict.ENDED);
    }

    @Test
    void aFailedJobProducedAgainRuns() {
        statuses.add(Jobs.status("a", 5, JobState.FAILED, 3));

        assertThat(judge("a", 6)).isEqualTo(Verdict.RUN);
    }

    @Test
    void aSucceededJobProducedAgainIsAnswered() {
        statuses.add(Jobs.status("a", 5, JobState.SUCCEEDED, 3));

        assertThat(judge("a", 6)).isEqualTo(Verdict.DONE_BEFORE);
    }

    @Test
    void anotherJobMayNotTakeANameWithResults() {
        statuses.add(Jobs.status("a", 5, JobState.SUCCEEDED, 3));

        assertThat(judge("b", 6)).isEqualTo(Verdict.NAME_TAKEN);
    }

    @Test
    void anotherJobMayNotTakeANameInUse() {
        statuses.add(Jobs.status("a", 5, JobState.RUNNING, 0));

        assertThat(judge("b", 6)).isEqualTo(Verdict.NAME_TAKEN);
    }

    @Test
    void aNameWithoutResultsIsFree() {
        statuses.add(Jobs.status("a", 5, JobState.FAILED, 0));

        assertThat(judge("b", 6)).isEqualTo(Verdict.RUN);
    }

    @Test
    void theNewestRecordOfAJobWins() {
        statuses.add(Jobs.status("a", 5, JobState.RUNNING, 0));
        statuses.add(Jobs.status("a", 6, JobState.RUNNING, 0));

        assertThat(judge("a", 5)).isEqualTo(Verdict.SUPERSEDED);
        assertThat(judge("a", 6)).isEqualTo(Verdict.RUN);
    }

    @Test
    void epochsPublishedUnderAnEarlierRecordArePublished() {
        statuses.add(Jobs.status("a", 5, JobState.CANCELLED, 3));

        assertThat(statuses.publishedEpochs(Jobs.job(), Jobs.digest("a"))).isEqualTo(3);
        assertThat(statuses.publishedEpochs(Jobs.job(), Jobs.digest("b"))).isZero();
    }

    @Test
    void aDeletedNameIsForgotten() {
        statuses.add(Jobs.status("a", 5, JobState.SUCCEEDED, 3));
        statuses.forget(Jobs.job().jobId());

        assertThat(judge("b", 6)).isEqualTo(Verdict.RUN);
    }

    private Verdict judge(String content, long offset) {
        return statuses.judge(Jobs.job(), Jobs.digest(content), new StatusView.Place("topic-a", offset));
    }
}
