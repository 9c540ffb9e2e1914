package io.github.finetide.image.decode;

import io.github.finetide.image.ByteBudget;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.FaultException;
import java.util.function.Function;

/** Decodes as many images at once as there is memory for: sixteen of 60 megapixels may take 10 GB together. */
public final class BoundedDecoder {
    /** Of the heap; the rest is for encoded files, for prepared images, and for whatever else a worker does. */
    private static final int HEAP_SHARE = 2;

    private final ImageLimits limits;
    private final ByteBudget memory;

    /**
     * A decoder for all threads of a worker.
     *
     * @param limits of one image
     * @param memory of all images that are being decoded, in bytes
     */
    public BoundedDecoder(ImageLimits limits, ByteBudget memory) {
        this.limits = limits;
        this.memory = memory;
    }

    /** With half of the heap: a photo of 60 megapixels takes up to 660 MB, and is decoded alone where that is all. */
    public static BoundedDecoder of(ImageLimits limits, long heapBytes) {
        return new BoundedDecoder(limits, new ByteBudget(heapBytes / HEAP_SHARE));
    }

    /**
     * Decodes once there is room; the pixels count as long as they are being used.
     *
     * @param encoded a file's bytes
     * @param use makes something smaller of the pixels
     * @throws FaultException as {@link ImageDecoder#decode}
     * @throws InterruptedException while it waits for room
     */
    public <T> T decode(byte[] encoded, Function<Pixels, T> use) throws InterruptedException {
        long bytes = ImageDecoder.decodedBytes(encoded, limits);
        memory.acquire(bytes);
        try {
            return use.apply(ImageDecoder.decode(encoded, limits));
        } catch (OutOfMemoryError e) {
            throw ImageDecoder.outOfMemory(e);
        } finally {
            memory.release(bytes);
        }
    }
}
