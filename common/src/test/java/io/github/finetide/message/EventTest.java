package io.github.finetide.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class EventTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.123Z");

    @Test
    void idsOfEpochEventsNameJobAndEpochOnly() {
        EpochMetrics metrics = new RandomMessages(3).metrics();
        CheckpointSaved saved = new RandomMessages(3).checkpoint();

        assertThat(metrics.id()).isEqualTo(metrics.jobId() + "/" + metrics.epoch() + "/metrics");
        assertThat(saved.id()).isEqualTo(saved.jobId() + "/" + saved.epoch() + "/checkpoint");
    }

    @Test
    void aJobsEndHasOneIdWhoeverTellsIt() {
        assertThat(status(JobState.CANCELLED, 1, 4).id())
                .isEqualTo(status(JobState.CANCELLED, 2, 9).id());
        assertThat(status(JobState.RUNNING, 1, 4).id())
                .isNotEqualTo(status(JobState.RUNNING, 1, 5).id());
    }

    @Test
    void subjectsAreKeys() {
        String digest = "0".repeat(64);
        ModelRelease release = new ModelRelease("m", "j@7", URI.create("file:///s/j/epoch-0007"), digest, NOW, null);

        assertThat(release.subject()).isEqualTo("m");
        assertThat(release.id()).isEqualTo("m/j@7/release/" + NOW.toEpochMilli());
        assertThat(new RandomMessages(4).rejected().id()).endsWith("/result");
    }

    private static JobStatus status(JobState state, int attempt, int sequence) {
        return new JobStatus(
                "j",
                "m",
                state,
                "w",
                0,
                3,
                0,
                null,
                null,
                null,
                attempt,
                0,
                sequence,
                NOW,
                NOW,
                state.isFinal() ? NOW : null,
                null,
                null,
                null,
                null,
                17L,
                1);
    }
}
