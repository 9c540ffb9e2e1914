package io.github.finetide.inference;

import io.github.finetide.image.ImageDecoder;
import io.github.finetide.image.ImageFetcher;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.Preprocessing;
import java.net.URI;

/** The image package, within its limits: what the trainer's validation saw, byte for byte. */
final class SafeImaging implements Imaging {
    private final ImageFetcher fetcher;
    private final ImageLimits limits;

    SafeImaging(ImageFetcher fetcher, ImageLimits limits) {
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
