package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the fast pages can be used. They call operators that are internal to libtorch, so each is
 * tried once in a process, on a small network and one small image, against the plain page: an operator
 * that is missing, refuses this processor or computes something else costs speed and nothing more.
 *
 * <p>See RATIONALE.md, Why three more pages for the same network?
 */
public final class FastPages {
    private static final Logger log = LoggerFactory.getLogger(FastPages.class);
    private static final Map<Precision, Boolean> TRIED = new EnumMap<>(Precision.class);

    /** Every kind of layer: blocks with and without a downsampled shortcut, with and without a stride. */
    static final List<Integer> BLOCKS = List.of(2, 1, 0, 0);

    private static final int IMAGE_SIZE = 64;
    private static final long SEED = 1;

    private FastPages() {}

    /** As {@link #fasterThanFp32(Device)}, on the processor. */
    public static Set<Precision> fasterThanFp32() {
        return fasterThanFp32(Device.cpu());
    }

    /** Returns the precisions in which residual networks are faster than in fp32 on a device. */
    public static Set<Precision> fasterThanFp32(Device device) {
        Set<Precision> faster = EnumSet.of(Precision.BF16, Precision.INT8);
        faster.removeIf(precision -> !gains(Architecture.RESNET50, precision, device));
        return faster;
    }

    /**
     * Whether an architecture is faster in a precision than in fp32. A GPU computes bf16 with the plain page, channels
     * last; int8 is for processors.
     */
    static boolean gains(Architecture architecture, Precision precision, Device device) {
        return device.isGpu()
                ? precision == Precision.BF16 && Devices.multipliesBf16(device)
                : available(architecture, precision, device);
    }

    /** Whether there is a fast page for a constant backbone and it computes here what it should. */
    static boolean available(Architecture architecture, Precision precision, Device device) {
        return architecture != Architecture.CNN && device.equals(Device.cpu()) && works(precision);
    }

    private static synchronized boolean works(Precision precision) {
        Boolean known = TRIED.get(precision);
        if (known == null) {
            known = supports(Processor.here(), precision) && succeeds(precision, Pages.fast(BLOCKS, precision));
            TRIED.put(precision, known);
        }
        return known;
    }

    /** Whether a processor gains by a precision. */
    static boolean supports(Processor processor, Precision precision) {
        return switch (precision) {
            case FP32 -> true;
            case BF16 -> processor.multipliesBf16();
            case INT8 -> processor.multipliesInt8();
        };
    }

    /**
     * Tries a page.
     *
     * @param page of {@link Pages#fast}, for {@link #BLOCKS}
     */
    static boolean succeeds(Precision precision, byte[] page) {
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu())) {
            double error = error(precision, page, manager);
            if (error <= tolerance(precision)) {
                return true;
            }
            log.atWarn()
                    .addKeyValue("precision", precision.wire())
                    .addKeyValue("difference", error)
                    .log("Fast network is not used: its results differ from the reference");
        } catch (RuntimeException | LinkageError refused) {
            log.atWarn()
                    .addKeyValue("precision", precision.wire())
                    .addKeyValue("reason", firstLine(refused))
                    .log("Fast network cannot be used");
        }
        return false;
    }

    private static String firstLine(Throwable refused) {
        return String.valueOf(refused.getMessage()).lines().findFirst().orElse("");
    }

    /** Relative to the largest feature; several times what rounding does (1e-7, 0.003, 0.008). */
    private static double tolerance(Precision precision) {
        return switch (precision) {
            case FP32 -> 1e-4;
            case BF16 -> 0.02;
            case INT8 -> 0.04;
        };
    }

    private static double error(Precision precision, byte[] page, NDManager manager) {
        StateDict weights = weights();
        NDArray pixels = manager.create(
                SeededImages.draw(SEED, 1, IMAGE_SIZE), new Shape(1, IMAGE_SIZE, IMAGE_SIZE, 3), DataType.UINT8);
        double running = difference(plain(weights, pixels, manager), fast(precision, page, weights, pixels, manager));
        return precision == Precision.INT8
                ? running
                : Math.max(running, batchStatisticsError(page, weights, pixels, manager));
    }

    /** Relative to the largest; infinite where something is no number. */
    static double difference(float[] wanted, float[] got) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < wanted.length; i++) {
            largest = Math.max(largest, Math.abs(wanted[i]));
            double here = Math.abs(wanted[i] - (double) got[i]);
            difference = Double.isNaN(here) ? Double.POSITIVE_INFINITY : Math.max(difference, here);
        }
        return difference / largest;
    }

    private static double batchStatisticsError(byte[] page, StateDict weights, NDArray pixels, NDManager manager) {
        try (Page plain = new Page(Pages.plain(BLOCKS, Precision.FP32), manager);
                FastBackbone fast = new FastBackbone(page, manager)) {
            plain.give("load", Tensors.create(weights, manager));
            fast.load(Tensors.create(weights, manager));
            return difference(
                    plain.run("features_by_batch_statistics", false, pixels).toFloatArray(),
                    fast.featuresByBatchStatistics(pixels).toFloatArray());
        }
    }

    private static StateDict weights() {
        return weights(BLOCKS);
    }

    /** Random weights of a small residual network. */
    static StateDict weights(List<Integer> blocks) {
        Layout layout = Layout.of(Architecture.RESNET50, 2, IMAGE_SIZE);
        List<TensorData> tensors = new ArrayList<>();
        for (String name : layout.backbone()) {
            if (isKept(name, blocks)) {
                tensors.add(InitialWeights.initial(layout, name, SEED));
            }
        }
        return StateDict.of(tensors);
    }

    private static boolean isKept(String name, List<Integer> blocks) {
        if (!name.startsWith("layer")) {
            return true;
        }
        String[] parts = name.split("\\.", 3);
        int stage = Integer.parseInt(parts[0].substring("layer".length()));
        return Integer.parseInt(parts[1]) < blocks.get(stage - 1);
    }

    private static float[] plain(StateDict weights, NDArray pixels, NDManager manager) {
        try (Page page = new Page(Pages.plain(BLOCKS, Precision.FP32), manager)) {
            page.give("load", Tensors.create(weights, manager));
            page.run("fold");
            return page.run("features_by_running_statistics", false, pixels).toFloatArray();
        }
    }

    private static float[] fast(
            Precision precision, byte[] page, StateDict weights, NDArray pixels, NDManager manager) {
        try (FastBackbone backbone = new FastBackbone(page, manager)) {
            if (precision == Precision.INT8) {
                backbone.ranges(ranges(weights, pixels, manager));
            }
            backbone.pack(weights);
            return backbone.features(pixels).toFloatArray();
        }
    }

    private static ActivationRanges ranges(StateDict weights, NDArray pixels, NDManager manager) {
        try (FastBackbone observing = new FastBackbone(Pages.fast(BLOCKS, Precision.FP32), manager)) {
            observing.pack(weights);
            observing.observe(pixels);
            return ActivationRanges.choose(Layout.activations(BLOCKS), observing.histograms());
        }
    }
}
