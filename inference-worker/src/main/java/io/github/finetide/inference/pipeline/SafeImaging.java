package io.github.finetide.inference.pipeline;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.image.transform.Preprocessing;
import java.net.URI;

/** The image package, within its limits: what the trainer's validation saw, byte for byte. */
public final class SafeImaging implements Imaging {
    private final ImageFetcher fetcher;
    private final BoundedDecoder decoder;

    public SafeImaging(ImageFetcher fetcher, BoundedDecoder decoder) {
        this.fetcher = fetcher;
        this.decoder = decoder;
    }

    @Override
    public byte[] fetch(URI image) {
        return fetcher.fetch(image);
    }

    @Override
    public Pixels decode(byte[] encoded, int imageSize) throws InterruptedException {
        return decoder.decode(encoded, pixels -> Preprocessing.validation(pixels, imageSize));
    }
}
