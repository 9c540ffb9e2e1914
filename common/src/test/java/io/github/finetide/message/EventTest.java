package io.github.finetide.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.123Z");

    @Test
    void idsOfEpochEventsNameJobVariantFoldAndEpochOnly() {
        EpochMetrics metrics = new RandomMessages(3).metrics();

        String variant = metrics.variant() == null ? "" : "/variant-" + metrics.variant();
        String fold = metrics.fold() == null ? "" : "/fold-" + metrics.fold();
        assertThat(metrics.id()).isEqualTo(metrics.jobId() + variant + fold + "/" + metrics.epoch() + "/metrics");
    }

    @Test
    void aCheckpointIsToldAnewWhenItsPrecisionsAreMeasured() {
        CheckpointSaved saved = checkpoint(null);
        CheckpointSaved measured = checkpoint(Map.of("bf16", new PrecisionScores(0.5, 1)));

        assertThat(saved.id()).isEqualTo("j/7/checkpoint");
        assertThat(measured.id()).isEqualTo("j/7/precisions");
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

    private static CheckpointSaved checkpoint(@Nullable Map<String, PrecisionScores> precisions) {
        String digest = "0".repeat(64);
        return new CheckpointSaved(
                "j",
                "m",
                7,
                URI.create("file:///s/j/epoch-0007"),
                digest,
                10,
                new Scores(1, 0.5),
                true,
                Architecture.RESNET152,
                digest,
                precisions,
                null,
                null,
                null,
                NOW);
    }

    private static JobStatus status(JobState state, int attempt, int sequence) {
        return JobStatus.builder("j", state, NOW)
                .model("m")
                .worker("w")
                .epochs(3)
                .attempt(attempt)
                .sequence(sequence)
                .startedAt(NOW)
                .finishedAt(state.isFinal() ? NOW : null)
                .jobOffset(17L)
                .delivery(1)
                .build();
    }
}
