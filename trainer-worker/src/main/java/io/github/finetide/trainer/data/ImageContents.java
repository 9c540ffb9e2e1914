package io.github.finetide.trainer.data;

import io.github.finetide.message.Sha256;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What a manifest's images are, wherever they lie and whatever they are called: SHA-256 of the files' bytes. */
public final class ImageContents {
    private static final int AHEAD = 64; // reads under way: enough for a bucket's latency

    private final Manifest manifest;
    private final ImageReader reader;
    private final byte[] @Nullable [] digests;

    ImageContents(Manifest manifest, ImageReader reader) {
        this.manifest = manifest;
        this.reader = reader;
        this.digests = new byte[manifest.entries().size()][];
    }

    /** Takes note of an image's bytes as they are read. */
    byte[] read(int index, byte[] file) {
        byte[] digest = Sha256.of(file);
        note(index, digest);
        return digest;
    }

    /** Takes note of the digest that an image had when somebody read it. */
    void note(int index, byte[] digest) {
        digests[index] = digest;
    }

    /** Reads those of some images that were not read yet. */
    void readAll(int[] images, PixelLoader threads, Runnable afterEach) {
        Deque<Future<byte[]>> ahead = new ArrayDeque<>();
        int started = 0;
        for (int done = 0; done < images.length; done++) {
            while (started < images.length && ahead.size() < AHEAD) {
                int next = images[started++];
                ahead.add(threads.submit(() -> of(next)));
            }
            byte[] unused = PixelLoader.result(ahead.remove());
            afterEach.run();
        }
    }

    /** Returns an image's digest, of the bytes that were read last. */
    byte[] of(int index) {
        byte[] known = digests[index];
        return known == null
                ? read(index, reader.bytes(manifest.entries().get(index).image()))
                : known;
    }
}
