package io.github.finetide.trainer.training;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Jobs and statuses for tests. */
public final class Jobs {
    public static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    private Jobs() {}

    public static byte[] json(String fields) {
        return ("{\"jobId\":\"j\",\"model\":\"m\",\"dataset\":"
                        + "{\"train\":\"file:///d/a\",\"validation\":\"file:///d/b\"}" + fields + "}")
                .getBytes(UTF_8);
    }

    public static TrainingJob job() {
        return job("");
    }

    public static TrainingJob job(String fields) {
        return Json.read(json(fields), TrainingJob.class);
    }

    /** A digest that differs for different texts. */
    public static String digest(String content) {
        return Json.digest(List.of(content));
    }

    public static JobStatus status(String content, long offset, JobState state, int epoch) {
        return status(digest(content), offset, state, epoch, 0);
    }

    public static JobStatus status(String digest, long offset, JobState state, int epoch, int crashes) {
        return status(digest, offset, state, epoch, crashes, null);
    }

    public static JobStatus status(
            String digest, long offset, JobState state, int epoch, int crashes, @Nullable Integer delivery) {
        return status("w", digest, offset, state, epoch, crashes, delivery);
    }

    public static JobStatus status(
            String worker,
            String digest,
            long offset,
            JobState state,
            int epoch,
            int crashes,
            @Nullable Integer delivery) {
        return JobStatus.builder("j", state, NOW)
                .model("m")
                .worker(worker)
                .epoch(epoch)
                .epochs(20)
                .attempt(1)
                .crashes(crashes)
                .sequence(1)
                .startedAt(NOW)
                .finishedAt(state.isFinal() ? NOW : null)
                .error(state == JobState.FAILED ? new ErrorDetail(ErrorKind.INTERNAL, "why") : null)
                .jobDigest(digest)
                .jobOffset(offset)
                .delivery(delivery)
                .build();
    }
}
