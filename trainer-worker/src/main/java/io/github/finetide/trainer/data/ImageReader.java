package io.github.finetide.trainer.data;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.message.FaultException;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Reads a job's images. They were all there and sound when the job was checked, so one that fails later
 * is tried again, whatever the reason: a file server that stumbles also answers "not found" or half a
 * file.
 */
public final class ImageReader {
    private static final int ATTEMPTS = 4; // waits of 0.25, 0.5 and 1 s: a network file system fails over so fast
    private static final Duration FIRST_WAIT = Duration.ofMillis(250);

    private final ImageFetcher fetcher;
    private final ImageLimits limits;
    private final Duration firstWait;

    public ImageReader(ImageFetcher fetcher, ImageLimits limits) {
        this(fetcher, limits, FIRST_WAIT);
    }

    public ImageReader(ImageFetcher fetcher, Duration firstWait) {
        this(fetcher, ImageLimits.defaults(), firstWait);
    }

    private ImageReader(ImageFetcher fetcher, ImageLimits limits, Duration firstWait) {
        this.fetcher = fetcher;
        this.limits = limits;
        this.firstWait = firstWait;
    }

    /**
     * Fetches, and decodes as said.
     *
     * @throws FaultException naming the image, once it failed {@link #ATTEMPTS} times
     */
    <T> T read(URI image, Function<byte[], T> decoding) {
        return retried(image, () -> decoding.apply(fetcher.fetch(image)), fault -> true);
    }

    /**
     * Fetches without decoding; only what may go better later is tried again.
     *
     * @throws FaultException naming the image
     */
    public byte[] bytes(URI image) {
        return retried(image, () -> fetcher.fetch(image), fault -> fault.kind().isTransient());
    }

    public Pixels decode(byte[] bytes) {
        return ImageDecoder.decode(bytes, limits);
    }

    private <T> T retried(URI image, Supplier<T> work, Predicate<FaultException> again) {
        Duration wait = firstWait;
        for (int attempt = 1; ; attempt++) {
            Duration pause;
            try {
                return work.get();
            } catch (FaultException failed) {
                if (attempt == ATTEMPTS || !again.test(failed)) {
                    throw named(image, failed, attempt);
                }
                pause = failed.pause(wait);
            }
            pause(pause);
            wait = wait.multipliedBy(2);
        }
    }

    private static FaultException named(URI image, FaultException failed, int attempts) {
        String tried = attempts == 1 ? "" : " (tried " + attempts + " times)";
        return new FaultException(failed.kind(), "image " + image + tried + ": " + failed.getMessage(), failed);
    }

    private static void pause(Duration wait) {
        try {
            Thread.sleep(wait.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while reading images", e);
        }
    }
}
