package io.github.finetide.message;

import java.net.URI;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One image to classify. */
public record ClassificationRequest(
        String requestId,
        URI image,
        @Nullable String model,
        @Nullable String version,
        int topK,
        @Nullable Instant expiresAt)
        implements Input {

    private static final int MAX_TOP_K = 100_000; // as many as a model can have classes

    public ClassificationRequest {
        Check.text("requestId", requestId);
        Check.uri("image", image, Dataset.SCHEMES);
        if (model != null) {
            Check.id("model", model);
        }
        if (version != null) {
            Check.text("version", version);
        }
        Check.range("topK", topK, 1, MAX_TOP_K);
        if (expiresAt != null) {
            expiresAt = Check.time("expiresAt", expiresAt);
        }
    }
}
