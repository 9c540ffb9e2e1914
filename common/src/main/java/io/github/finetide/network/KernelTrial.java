package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Precision;
import io.github.finetide.tensor.StateDict;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Locale;

/**
 * Times the two forms of 1x1 convolutions against each other. Runs in a process of its own, which one of them may kill; see
 * {@link Kernels}. Prints a line a precision: its name, and how many times as fast the plain ones are, 0 where they
 * compute something else or are refused.
 */
final class KernelTrial {
    /** A block of each stage with a stride and one without: 1x1 convolutions of every size that there is. */
    private static final List<Integer> BLOCKS = List.of(1, 2, 2, 2);

    private static final int IMAGE_SIZE = 256;
    private static final int IMAGES = 4;
    private static final int ROUNDS = 5;
    private static final double TOLERANCE = 0.02;
    private static final long SEED = 1;

    private KernelTrial() {}

    public static void main(String[] arguments) {
        Processor here = Processor.here();
        for (Precision precision : List.of(Precision.FP32, Precision.BF16)) {
            if (FastPages.supports(here, precision)) {
                System.out.printf(Locale.ROOT, "%s %.3f%n", precision, gain(precision));
                System.out.flush();
            }
        }
    }

    private static double gain(Precision precision) {
        try {
            return measured(precision);
        } catch (RuntimeException refused) {
            return 0;
        }
    }

    private static double measured(Precision precision) {
        StateDict weights = FastPages.weights(BLOCKS);
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
                FastBackbone disguised = packed(precision, false, weights, manager);
                FastBackbone plain = packed(precision, true, weights, manager)) {
            NDArray pixels = manager.create(
                    SeededImages.draw(SEED, IMAGES, IMAGE_SIZE),
                    new Shape(IMAGES, IMAGE_SIZE, IMAGE_SIZE, 3),
                    DataType.UINT8);
            double off = FastPages.difference(features(disguised, pixels), features(plain, pixels));
            return off <= TOLERANCE ? gain(disguised, plain, pixels) : 0;
        }
    }

    private static FastBackbone packed(Precision precision, boolean plain, StateDict weights, NDManager manager) {
        FastBackbone backbone = new FastBackbone(Pages.fast(BLOCKS, precision, plain), manager);
        backbone.pack(weights);
        return backbone;
    }

    private static float[] features(FastBackbone backbone, NDArray pixels) {
        try (NDArray features = backbone.features(pixels)) {
            return features.toFloatArray();
        }
    }

    /** In turns, the best of each: what else runs on the machine disturbs both. */
    private static double gain(FastBackbone disguised, FastBackbone plain, NDArray pixels) {
        long disguisedNanos = Long.MAX_VALUE;
        long plainNanos = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            disguisedNanos = Math.min(disguisedNanos, nanos(disguised, pixels));
            plainNanos = Math.min(plainNanos, nanos(plain, pixels));
        }
        return disguisedNanos / (double) plainNanos;
    }

    /** Of this thread's processor time, as libtorch has one thread here: waiting for a processor does not count. */
    private static long nanos(FastBackbone backbone, NDArray pixels) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        features(backbone, pixels);
        return threads.getCurrentThreadCpuTime() - start;
    }
}
