package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.JobState;
import io.github.finetide.trainer.training.Jobs;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job that Kafka does not let its worker do is held, not handed back until the queue drops it. */
@Timeout(60)
class JobHoldingTest extends DispatchedJobs {
    @Test
    void aJobThatKafkaDoesNotLetThisWorkerDoIsHeldUntilItDoes() {
        owned.initTransactionException = new TransactionalIdAuthorizationException("denied");
        AtomicInteger claims = new AtomicInteger();
        JobAcknowledgement acknowledgement = handle(oneClaimAfter(12, claims), this::oneEpoch);

        assertThat(acknowledgement).isEqualTo(JobAcknowledgement.DONE);
        assertThat(claims).hasValue(13);
        assertThat(problems).isNotEmpty().allMatch(problem -> problem.contains("no right to the transactional id"));
        assertThat(held.problem()).as("afterwards").isNull();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aJobWhoseStatusesCannotBeReadIsHeldToo() {
        unreadable = 12;
        handle(this::oneEpoch);

        assertThat(unreadable).isZero();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aHeldJobIsLeftWhenItsLockIsLostOrTheWorkerStops() {
        unreadable = Integer.MAX_VALUE;
        locked = false;
        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.LOST);
        assertThat(held.problem()).as("it holds nothing any more").isNull();
        locked = true;
        stopping.request();
        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.LOST);
    }

    @Test
    void beforeTheLastDeliveryAJobThatCannotBeWorkedOnIsQueuedAgain() {
        delivery = JobRecords.LAST_DELIVERY;
        unreadable = Integer.MAX_VALUE;

        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.DONE);
        assertThat(values(answers, topics.trainingJobs())).containsExactly(Jobs.json(""));
    }

    @Test
    void whereNotEvenThatCanBeWrittenNothingIsAcknowledged() {
        delivery = JobRecords.LAST_DELIVERY;
        unreadable = 12;
        answers.sendException = new TopicAuthorizationException(topics.trainingJobs());

        assertThat(handle(this::oneEpoch))
                .as("it was held until all could be written")
                .isEqualTo(JobAcknowledgement.DONE);
        assertThat(values(answers, topics.trainingJobs())).isEmpty();
        assertThat(values(owned, topics.trainingJobs())).containsExactly(Jobs.json(""));
    }

    @Test
    void anErrorOfTheProgramItselfCostsOneRecordItsJob() {
        unreadableBy = new StackOverflowError();
        unreadable = 1;

        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(refusals).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL));
        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
    }
}
