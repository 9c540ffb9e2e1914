package io.github.finetide.deploy;

import io.github.finetide.message.Best;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.Scores;
import io.github.finetide.message.ValidationScores;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/** Events as workers write them. */
final class TestEvents {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");

    private TestEvents() {}

    static EpochMetrics metrics(String jobId, int epoch, int epochs) {
        return new EpochMetrics(
                jobId,
                "model",
                epoch,
                epochs,
                new Scores(2.5, 0.25),
                new ValidationScores(2.0, 0.5, 0.9),
                null,
                null,
                0.001,
                true,
                new Best(epoch, 0.5, 2.0),
                61.4,
                12.34,
                "trainer-1",
                AT,
                null,
                null,
                null);
    }

    /** A status as the JSON that a trainer writes: fields that do not matter here are left out. */
    static JobStatus status(String jobId, JobState state, double progress, int epochs) {
        String end = state.isFinal() ? ", \"finishedAt\": \"%s\"".formatted(AT) : "";
        String error = state == JobState.FAILED
                ? ", \"error\": "
                        + json(new ErrorDetail(ErrorKind.NOT_FOUND, "train.txt line 3: there is no file x.jpg"))
                : "";
        String best = state == JobState.SUCCEEDED ? ", \"best\": " + json(new Best(2, 0.75, 0.5)) : "";
        String status =
                """
                {"jobId": "%s", "model": "model", "state": "%s", "worker": "trainer-1", "epoch": %d, "epochs": %d,
                 "progress": %s, "attempt": 1, "crashes": 0, "sequence": 1, "updatedAt": "%s"%s%s%s}
                """.formatted(jobId, state.wire(), (int) (progress * epochs), epochs, progress, AT, end, error, best);
        return Json.read(status.getBytes(StandardCharsets.UTF_8), JobStatus.class);
    }

    private static String json(Object value) {
        return new String(Json.write(value), StandardCharsets.UTF_8);
    }
}
