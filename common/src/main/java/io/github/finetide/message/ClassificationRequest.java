package io.github.finetide.message;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One image to classify.
 *
 * @param minConfidence below which the model is to abstain; the worker's own limit where it is absent
 * @param include what the result is to hold beside its predictions
 * @param image where it lies, or, as {@code data:image/<type>;base64,...}, the image itself
 */
public record ClassificationRequest(
        String requestId,
        URI image,
        @Nullable String model,
        @Nullable String version,
        int topK,
        @Nullable Instant expiresAt,
        @Nullable Double minConfidence,
        List<Include> include)
        implements Input {

    private static final Set<String> SCHEMES = Set.of("file", "http", "https", "s3", InlineImage.SCHEME);
    private static final int MAX_TOP_K = 100_000; // as many as a model can have classes

    public ClassificationRequest {
        Check.text("requestId", requestId);
        if (InlineImage.is(image)) {
            InlineImage.check("image", image);
        } else {
            Check.uri("image", image, SCHEMES);
        }
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
        if (minConfidence != null) {
            Check.fraction("minConfidence", minConfidence);
        }
        include = List.copyOf(include);
        Check.require(Set.copyOf(include).size() == include.size(), "include", include, "each once");
    }

    /** A request for predictions alone, answered however sure the model is. */
    public ClassificationRequest(
            String requestId,
            URI image,
            @Nullable String model,
            @Nullable String version,
            int topK,
            @Nullable Instant expiresAt) {
        this(requestId, image, model, version, topK, expiresAt, null, List.of());
    }

    /**
     * What results call the image: its URI without signatures and passwords, or {@code data:sha256:<hex>;<bytes>} for one
     * that stands in the request.
     */
    public String imageName() {
        return Redacted.imageUri(InlineImage.name(image));
    }

    /** The same question about another image, or the same image elsewhere. */
    public ClassificationRequest withImage(String newId, URI newImage) {
        return new ClassificationRequest(newId, newImage, model, version, topK, expiresAt, minConfidence, include);
    }
}
