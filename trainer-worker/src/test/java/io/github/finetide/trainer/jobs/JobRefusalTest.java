package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.trainer.training.Jobs;
import java.util.List;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of records that are no jobs, of jobs done before, and of names that are taken. */
@Timeout(60)
class JobRefusalTest extends DispatchedJobs {
    @Test
    void aJobDoneBeforeIsAnsweredNotTrained() {
        known.add(Jobs.status(digest, OFFSET - 1, JobState.SUCCEEDED, 20, 0));
        handle((job, progress) -> {
            throw new AssertionError("trained again");
        });

        assertThat(lastStatus(answers).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(answers).jobOffset()).isEqualTo(OFFSET);
        assertThat(owned.history()).isEmpty();
    }

    @Test
    void anotherJobOfTheSameNameIsRefusedAndTheResultStaysTheLastStatus() {
        known.add(Jobs.status("other", OFFSET - 1, JobState.SUCCEEDED, 20));
        handle(this::oneEpoch);

        List<JobStatus> published = statuses(answers);
        assertThat(published).extracting(JobStatus::state).containsExactly(JobState.FAILED, JobState.SUCCEEDED);
        assertThat(values(answers, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
        assertThat(owned.history()).isEmpty();
    }

    @Test
    void theResultThatStaysSaysWhatElseWasSubmittedUnderItsName() {
        known.add(Jobs.status("other", OFFSET - 1, JobState.SUCCEEDED, 20));
        handle(this::oneEpoch);
        handle(this::oneEpoch);

        assertThat(lastStatus(answers).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(answers).warnings())
                .singleElement()
                .asString()
                .contains("offset " + OFFSET, "another content", "a jobId of its own");
    }

    @Test
    void aJobSaysAtItsEndWhatWasRefusedMeanwhileUnderItsName() {
        handle((job, progress) -> {
            known.add(Jobs.status("other", OFFSET + 1, JobState.FAILED, 0));
            return oneEpoch(job, progress);
        });

        assertThat(lastStatus(owned).warnings()).singleElement().asString().contains("offset " + (OFFSET + 1));
    }

    @Test
    void aTopicMadeAnewSwallowsNoJob() {
        JobStatus old = Jobs.status(digest, OFFSET, JobState.FAILED, 0, 0);
        known.add(old.with().jobTopicId("topic-of-before").build());
        known.add(old.with().jobTopicId("topic-of-before").jobOffset(OFFSET + 9).build());
        handle(this::oneEpoch);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(owned).jobTopicId()).isEqualTo("topic-a");
    }

    @Test
    void aTypingErrorIsAnsweredToWhoMadeIt() {
        JobAcknowledgement disposition = handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(refusals).jobId()).isEqualTo("j");
        assertThat(lastStatus(refusals).error())
                .isNotNull()
                .satisfies(
                        error -> assertThat(error.message()).isEqualTo("epoch: is not a field; did you mean epochs?"));
        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
    }

    @Test
    void aTypingErrorThatWasAnsweredAsItCameInIsNotAnsweredAgain() {
        answered.add(new StatusView.Place(topicId, OFFSET));
        JobAcknowledgement disposition = handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(refusals.history()).isEmpty();
    }

    @Test
    void aLetterOfATopicThatHadTheNameBeforeAnswersNothing() {
        answered.add(new StatusView.Place("topic-before", OFFSET));
        handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
        assertThat(lettersRead).as("before and after the id is taken").isEqualTo(2);
        assertThat(lettersOpened).as("read from the beginning").isEqualTo(1);
        assertThat(lastStatus(refusals).jobTopicId()).isEqualTo(topicId);
    }

    @Test
    void aTypingErrorInANameWithResultsLeavesItsResultTheLastStatus() {
        known.add(Jobs.status("other", OFFSET - 1, JobState.SUCCEEDED, 20));
        handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(statuses(refusals))
                .extracting(JobStatus::state)
                .containsExactly(JobState.FAILED, JobState.SUCCEEDED);
    }

    @Test
    void aTypingErrorThatCannotBeAnsweredStaysInTheQueue() {
        refusals.initTransactionException = new TimeoutException("no broker");
        stopping.request();
        JobAcknowledgement disposition = handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(disposition).isEqualTo(JobAcknowledgement.LOST);
        assertThat(refusals.history()).isEmpty();
    }

    @Test
    void bytesThatAreNoJsonBecomeADeadLetter() {
        handle(new byte[] {1, 2, 3}, this::oneEpoch);

        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
        assertThat(statuses(refusals)).isEmpty();
    }
}
