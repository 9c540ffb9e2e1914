package io.github.finetide.message;

import java.net.URI;

/**
 * An image whose features are asked for.
 *
 * @param sha256 of the file's bytes, as whoever asks has read them
 */
public record FeatureImage(URI image, String sha256) {
    public FeatureImage {
        Check.sha256("sha256", sha256);
    }
}
