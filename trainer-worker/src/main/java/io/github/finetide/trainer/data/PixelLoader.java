package io.github.finetide.trainer.data;

import io.github.finetide.message.FaultException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Decodes and augments images in threads ahead of the network. What a batch holds depends on nothing
 * but the pass: not on how many threads there are, nor on which is the first to finish.
 */
public final class PixelLoader implements AutoCloseable {
    private static final int MAX_BATCHES_AHEAD = 2; // one is ready while another is being decoded

    /** Batches are held as bytes: two of 64 images of 256 x 256 are 25 MB. */
    private static final long MAX_BYTES_AHEAD = 256L << 20;

    private final ExecutorService threads;
    private final Deque<ByteBuffer> spare = new ArrayDeque<>();

    public PixelLoader(int decodeThreads) {
        threads = Executors.newFixedThreadPool(decodeThreads, work -> {
            Thread thread = new Thread(work, "decode");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Refuses batches that do not fit a buffer.
     *
     * @throws FaultException INVALID
     */
    public static void checkSize(ImageSet images, int batchSize) {
        int fits = Integer.MAX_VALUE / images.imageBytes();
        if (batchSize > fits) {
            throw FaultException.invalid(
                    "batchSize", batchSize, "at most " + fits + " at " + images.edge() + " pixels (2 GiB a batch)");
        }
    }

    /** Starts to load the batches of a pass from the one given on; batches count from 0 here. */
    public Batches load(BatchSampler pass, int firstBatch) {
        return new Loading(pass, firstBatch);
    }

    /** Runs something on the decode threads. */
    public <T> Future<T> submit(Callable<T> work) {
        return threads.submit(work);
    }

    /** Returns the result of work on the decode threads; what it threw is thrown here. */
    public static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (ExecutionException failed) {
            throw rethrown(failed.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for images", e);
        }
    }

    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }

    /** Direct, so that libtorch reads it where it is; used again, so that none waits for the collector. */
    private ByteBuffer buffer(int bytes) {
        ByteBuffer buffer = spare.poll();
        return buffer != null && buffer.capacity() >= bytes
                ? buffer.clear().limit(bytes)
                : ByteBuffer.allocateDirect(bytes);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    private final class Loading implements Batches {
        private final BatchSampler pass;
        private final int ahead;
        private final Deque<Pending> pending = new ArrayDeque<>();
        private final int[] drawnBefore;
        private int nextToStart;

        Loading(BatchSampler pass, int firstBatch) {
            this.pass = pass;
            this.nextToStart = firstBatch;
            this.drawnBefore = pass.drawnBefore();
            long batchBytes = (long) pass.images().imageBytes() * pass.batchSize();
            ahead = (int) Math.max(1, Math.min(MAX_BATCHES_AHEAD, MAX_BYTES_AHEAD / batchBytes));
            startAhead();
        }

        private void startAhead() {
            while (pending.size() < ahead && nextToStart < pass.batches()) {
                pending.add(start(nextToStart++));
            }
        }

        private Pending start(int batch) {
            int[] indexes = pass.indexes(batch);
            int imageBytes = pass.images().imageBytes();
            ByteBuffer target = buffer(Math.multiplyExact(imageBytes, indexes.length));
            List<Future<?>> images = new ArrayList<>(indexes.length);
            for (int i = 0; i < indexes.length; i++) {
                int index = indexes[i];
                int offset = i * imageBytes;
                int before = drawnBefore[batch * pass.batchSize() + i];
                images.add(threads.submit(() -> target.put(offset, pass.images().pixels(pass.epoch(), index, before))));
            }
            return new Pending(images, target, pass.labels(indexes));
        }

        @Override
        public boolean hasNext() {
            return !pending.isEmpty();
        }

        @Override
        public Batch next() {
            Pending first = pending.element();
            first.images().forEach(PixelLoader::result);
            pending.remove();
            Batch batch =
                    new PixelBatch(first.target(), first.labels(), pass.images().edge(), spare::add);
            startAhead();
            return batch;
        }

        /** Waits for images under way: they write into buffers that the next pass uses. */
        @Override
        public void close() {
            for (Pending batch : pending) {
                batch.images().forEach(image -> image.cancel(false));
                batch.images().forEach(Loading::await);
                spare.add(batch.target());
            }
            pending.clear();
        }

        private static void await(Future<?> image) {
            try {
                result(image);
            } catch (FaultException | IllegalStateException notWanted) {
                // Cancelled or failed: nobody will look at it.
            }
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Pending(List<Future<?>> images, ByteBuffer target, int[] labels) {}
}
