package io.github.finetide.trainer.data;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Future;

/** The digests of images, read in threads. */
public final class ContentDigests {
    private static final int AHEAD = 64; // images being read at once or waiting to be; one image in memory a thread

    private final PixelLoader threads;
    private final ImageReader reader;
    private final Runnable afterEach;

    /** @param afterEach run after each image; may throw to stop */
    public ContentDigests(PixelLoader threads, ImageReader reader, Runnable afterEach) {
        this.threads = threads;
        this.reader = reader;
        this.afterEach = afterEach;
    }

    /** Returns the SHA-256 of each image's bytes, in hexadecimal; of one that can never be read, of nothing. */
    public List<String> sha256(Manifest manifest) {
        Deque<Future<String>> ahead = new ArrayDeque<>();
        List<String> digests = new ArrayList<>(manifest.entries().size());
        for (Manifest.Entry entry : manifest.entries()) {
            ahead.add(threads.submit(() -> sha256(entry)));
            if (ahead.size() == AHEAD) {
                digests.add(PixelLoader.result(ahead.remove()));
                afterEach.run();
            }
        }
        ahead.forEach(last -> {
            digests.add(PixelLoader.result(last));
            afterEach.run();
        });
        return digests;
    }

    /** What cannot be read is reported with its place where all images are checked. */
    private String sha256(Manifest.Entry entry) {
        byte[] bytes;
        try {
            bytes = reader.bytes(entry.image());
        } catch (FaultException unreadable) {
            if (unreadable.kind().isTransient()) {
                throw unreadable; // later it decides on another side
            }
            bytes = new byte[0];
        }
        return Sha256.hex(bytes);
    }
}
