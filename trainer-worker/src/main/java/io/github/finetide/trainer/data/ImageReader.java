package io.github.finetide.trainer.data;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.RetryPolicy;
import java.net.URI;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Reads a job's images. All were there and sound when the job was checked, so one that fails later is tried again, whatever
 * the reason: a file server in trouble also answers "not found", or half a file.
 */
public final class ImageReader {
    /** Pauses of 0.25, 0.5 and 1 s: a network file system fails over so fast. */
    private static final RetryPolicy RETRIES =
            new RetryPolicy(4, Duration.ofMillis(250), Duration.ofSeconds(1), Duration.ofDays(1));

    private final ImageFetcher fetcher;
    private final BoundedDecoder decoder;

    public ImageReader(ImageFetcher fetcher, BoundedDecoder decoder) {
        this.fetcher = fetcher;
        this.decoder = decoder;
    }

    /**
     * Fetches and decodes.
     *
     * @throws FaultException naming the image, once all attempts failed
     */
    <T> T read(URI image, Function<byte[], T> decoding) {
        return retried(image, () -> decoding.apply(fetcher.fetch(image)), fault -> true);
    }

    /**
     * Fetches without decoding; only transient faults are tried again.
     *
     * @throws FaultException naming the image
     */
    public byte[] bytes(URI image) {
        return retried(image, () -> fetcher.fetch(image), fault -> fault.kind().isTransient());
    }

    /** Waits until there is memory for the image; what is made of its pixels is all that stays of them. */
    public <T> T decode(byte[] bytes, Function<Pixels, T> use) {
        try {
            return decoder.decode(bytes, use);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private <T> T retried(URI image, Supplier<T> read, Predicate<FaultException> isTriedAgain) {
        for (int attempt = 1; ; attempt++) {
            try {
                return read.get();
            } catch (FaultException failed) {
                if (attempt == RETRIES.attempts() || !isTriedAgain.test(failed)) {
                    throw named(image, failed, attempt);
                }
                pause(failed.pause(RETRIES.pauseAfter(attempt)));
            }
        }
    }

    private static FaultException named(URI image, FaultException failed, int attempts) {
        String tried = attempts == 1 ? "" : " (tried " + attempts + " times)";
        return new FaultException(failed.kind(), "image " + image + tried + ": " + failed.getMessage(), failed);
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted while reading images", e);
    }
}
