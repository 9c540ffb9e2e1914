package io.github.finetide.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A model's shadow finds another class most probable than the version that answered. Written for people, a few a minute:
 * some are missing, and one may come twice.
 *
 * @param image as in the result; absent where its name cannot be told
 */
public record ClassificationDisagreement(
        String requestId,
        @Nullable String image,
        String model,
        VersionAnswer answer,
        VersionAnswer shadow,
        String worker,
        Instant at)
        implements Event {
    public ClassificationDisagreement {
        Check.text("requestId", requestId);
        Check.id("model", model);
        Check.text("worker", worker);
        at = Check.time("at", at);
    }

    @Override
    public String key() {
        return requestId;
    }

    @Override
    public String id() {
        return requestId + "/disagreement/" + answer.version() + "/" + shadow.version();
    }

    @Override
    public String type() {
        return "io.github.finetide.message.ClassificationDisagreement";
    }
}
