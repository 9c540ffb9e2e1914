package io.github.finetide.trainer.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.trainer.jobs.Transactions.CommitState;
import io.github.finetide.trainer.training.Jobs;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class StatusTopicCheckTest {
    private static final long OFFSET = 5;

    private final KnownStatuses known = new KnownStatuses();
    private final StatusView statuses = known.view();
    private final String digest = Jobs.job().digest();
    private final StatusTopicCheck check = new StatusTopicCheck(
            () -> statuses, "training.status", Jobs.job(), digest, new StatusView.Place("topic-a", OFFSET));
    private final JobStatus mine = Jobs.status(digest, OFFSET, JobState.RUNNING, 1, 0);

    @Test
    void whatNobodyHeardOfIsNotCommitted() {
        assertThat(state()).isEqualTo(CommitState.NOTHING);
    }

    @Test
    void whatStandsInTheTopicIsCommitted() {
        known.add(mine);

        assertThat(state()).isEqualTo(CommitState.COMMITTED);
    }

    @Test
    void aLaterAttemptIsAnotherOwner() {
        known.add(mine);
        known.add(mine.with().attempt(2).worker("another").build());

        assertThat(state()).isEqualTo(CommitState.ANOTHER);
    }

    /** The first owner's own attempt stands in the topic, too; it must not take the job back from the second. */
    @Test
    void theSameJobProducedAgainHasAnotherOwner() {
        known.add(mine);
        known.add(mine.with().jobOffset(OFFSET + 1).worker("another").build());

        assertThat(state()).isEqualTo(CommitState.ANOTHER);
    }

    @Test
    void theNewestOfTwoRecordsStaysTheOwner() {
        known.add(mine.with().jobOffset(OFFSET - 1).worker("another").build());

        assertThat(state()).isEqualTo(CommitState.NOTHING);
    }

    private CommitState state() {
        return check.of(List.of(new ProducerRecord<>("training.status", "j".getBytes(UTF_8), Json.write(mine))));
    }
}
