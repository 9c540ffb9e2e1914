package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.Best;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Scores;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.training.Jobs;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JobStatusTrackerTest {
    private static final EpochResult FIRST_EPOCH = new EpochResult(
            1,
            20,
            new Scores(1, 0.5),
            new Evaluation(new ValidationScores(1, 0.5, 1), null, null),
            0.001,
            new Best(1, 0.5, 1),
            new SavedCheckpoint(1, URI.create("file:///store/j/epoch-0001"), "ab".repeat(32), 10),
            "ab".repeat(32),
            null,
            Duration.ofSeconds(1),
            10);

    @Test
    void aResumedJobKeepsTheWarningsOfItsChecksAndAddsItsOwnOnce() {
        JobStatusTracker first = tracker(null);
        first.started(null, List.of("two images are equal", "int8 is not fast here"));
        JobStatusTracker resumed = tracker(first.now(JobState.RUNNING));
        resumed.started(FIRST_EPOCH, List.of("int8 is not fast here", "other processor"));

        assertThat(resumed.now(JobState.RUNNING).warnings())
                .containsExactly("two images are equal", "int8 is not fast here", "other processor");
    }

    @Test
    void aJobThatBeginsAnewIsCheckedAnew() {
        JobStatusTracker first = tracker(null);
        first.started(null, List.of("two images are equal"));
        JobStatusTracker again = tracker(first.now(JobState.RUNNING));
        again.started(null, List.of());

        assertThat(again.now(JobState.RUNNING).warnings()).isNull();
    }

    private static JobStatusTracker tracker(@Nullable JobStatus last) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("training.jobs", 0, 7, null, Jobs.json(""));
        JobRecords events = new JobRecords(new Topics(""), "w", "", record);
        return new JobStatusTracker(Jobs.job(), Jobs.job().digest(), events, last, InstantSource.fixed(Jobs.NOW));
    }
}
