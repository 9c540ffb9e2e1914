package io.github.finetide.inference.pipeline;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.image.transform.Preprocessing;
import java.net.URI;

/** The image package, within its limits: what the trainer's validation saw, byte for byte. */
public final class SafeImaging implements Imaging {
    private final ImageFetcher fetcher;
    private final ImageLimits limits;

    public SafeImaging(ImageFetcher fetcher, ImageLimits limits) {
        this.fetcher = fetcher;
        this.limits = limits;
    }

    @Override
    public byte[] fetch(URI image) {
        return fetcher.fetch(image);
    }

    @Override
    public long decodedBytes(byte[] encoded) {
        return ImageDecoder.decodedBytes(encoded, limits);
    }

    @Override
    public Pixels decode(byte[] encoded, int imageSize) {
        return Preprocessing.validation(ImageDecoder.decode(encoded, limits), imageSize);
    }
}
