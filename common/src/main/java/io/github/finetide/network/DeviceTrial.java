package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.StateDict;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Whether a device computes what the processor does, gives its memory back, and how fast it is. */
public final class DeviceTrial {
    private static final long SEED = 1;
    private static final int CLASSES = 20;
    private static final int COMPARED_IMAGES = 4;
    private static final int STEPS = 3;
    private static final int WARM_BATCHES = 3;
    private static final int TIMED_BATCHES = 10;
    private static final double LEARNING_RATE = 0.001;

    /** A probability's, as a worker's golden check tolerates it in fp32. */
    private static final double PROBABILITY = 0.001;
    /** Relative to the largest feature: bf16 has 8 bits, and TF32 grows with batch statistics. */
    private static final double BF16_FEATURES = 0.05;

    private static final double BATCH_STATISTICS = 0.05;
    /** Relative to the loss of three steps with all parameters. */
    private static final double LOSS = 0.02;
    /** Of the device's memory, that a second round may leave in use above the first. */
    private static final double LEFT_MEMORY = 0.02;

    private final Device device;
    private final Architecture architecture;
    private final int imageSize;
    private final int batch;
    private final StateDict weights;

    /** What was measured, and whether it is as it should be; what has no bound always is. */
    public record Check(String name, String measured, String allowed, boolean passed) {
        static Check within(String name, double measured, double bound) {
            return new Check(name, "%.2e".formatted(measured), "%.2e".formatted(bound), measured <= bound);
        }

        static Check speed(String name, double perSecond) {
            return new Check(name, String.format(Locale.ROOT, "%.1f images/s", perSecond), "", true);
        }
    }

    /**
     * Prepares a trial with random weights.
     *
     * @param imageSize edge of the images in pixels
     * @param batch images that are timed together
     * @throws io.github.finetide.message.FaultException UNAVAILABLE where there is no such device
     */
    public DeviceTrial(DeviceChoice device, Architecture architecture, int imageSize, int batch) {
        this.device = device.device();
        this.architecture = architecture;
        this.imageSize = imageSize;
        this.batch = batch;
        weights = RandomWeights.draw(architecture, SEED)
                .with(InitialWeights.head(architecture, CLASSES, imageSize, SEED));
    }

    /** Runs everything; each result is reported as soon as it is there. */
    public void run(Consumer<Check> checks) {
        checks.accept(new Check("device", Devices.name(device), "", true));
        numbers(checks);
        Optional<Devices.Memory> before = Devices.memory(device);
        speeds(checks);
        before.ifPresent(first -> memory(first, checks));
    }

    private void numbers(Consumer<Check> checks) {
        try (Network here = open(Device.cpu(), Precision.FP32);
                Network there = open(device, Precision.FP32)) {
            checks.accept(Check.within(
                    "fp32, probabilities", largest(probabilities(here), probabilities(there), false), PROBABILITY));
            checks.accept(Check.within(
                    "fp32, features by batch statistics",
                    largest(features(here, true), features(there, true), true),
                    BATCH_STATISTICS));
            float lossHere = trained(here);
            float lossThere = trained(there);
            double off = Math.abs(lossHere - (double) lossThere) / lossHere;
            checks.accept(Check.within("loss after %d steps of Adam, all parameters".formatted(STEPS), off, LOSS));
        }
        if (computesBf16()) {
            try (Network here = open(Device.cpu(), Precision.FP32);
                    Network there = open(device, Precision.BF16)) {
                checks.accept(Check.within(
                        "bf16, features", largest(features(here, false), features(there, false), true), BF16_FEATURES));
            }
        }
    }

    private boolean computesBf16() {
        return FastPages.gains(architecture, Precision.BF16, device);
    }

    private Network open(Device where, Precision precision) {
        return Network.open(new NetworkOptions(architecture, precision, where), weights);
    }

    private float[] probabilities(Network network) {
        try (NDManager scope = network.scope()) {
            NDArray features = network.exactFeatures(pixels(network, scope, COMPARED_IMAGES));
            return network.probabilities(network.head(features)).toFloatArray();
        }
    }

    private float[] features(Network network, boolean batchStatistics) {
        try (NDManager scope = network.scope()) {
            return network.features(pixels(network, scope, COMPARED_IMAGES), batchStatistics)
                    .toFloatArray();
        }
    }

    private NDArray pixels(Network network, NDManager scope, int images) {
        Shape shape = new Shape(images, imageSize, imageSize, 3);
        try (NDManager host = network.hostScope()) {
            return network.onDevice(
                    host.create(SeededImages.draw(SEED, images, imageSize), shape, DataType.UINT8), scope);
        }
    }

    /** The largest difference; infinite where something is no number. */
    private static double largest(float[] wanted, float[] got, boolean relative) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < wanted.length; i++) {
            largest = Math.max(largest, Math.abs(wanted[i]));
            double off = Math.abs(wanted[i] - (double) got[i]);
            difference = Double.isNaN(off) ? Double.POSITIVE_INFINITY : Math.max(difference, off);
        }
        return relative ? difference / largest : difference;
    }

    /** Trains everything for a few steps and returns the last loss. */
    private float trained(Network network) {
        network.trains(Trainable.ALL);
        Map<String, NDArray> parameters = network.trained();
        float loss = Float.NaN;
        try (NDManager memory = network.scope();
                AdamStep adam =
                        new AdamStep(memory, parameters, zeros(parameters, memory), zeros(parameters, memory))) {
            for (int step = 1; step <= STEPS; step++) {
                loss = gradients(network);
                double correction = Math.sqrt(1 - Math.pow(0.999, step));
                adam.take(new AdamStep.Factors(
                        0.9, 0.999, 1e-8, 0, 1, -LEARNING_RATE / (1 - Math.pow(0.9, step)), correction));
            }
        }
        return loss;
    }

    private float gradients(Network network) {
        try (NDManager scope = network.scope()) {
            NDArray pixels = pixels(network, scope, COMPARED_IMAGES);
            NDArray labels = labels(network, scope);
            try (GradientCollector collector = network.gradients()) {
                NDArray loss = network.crossEntropy(network.forward(pixels, false), labels, 0);
                collector.backward(loss);
                return loss.getFloat();
            }
        }
    }

    private static NDArray labels(Network network, NDManager scope) {
        try (NDManager host = network.hostScope()) {
            return network.onDevice(host.create(new long[] {0, 1, 2, 3}), scope);
        }
    }

    private static Map<String, NDArray> zeros(Map<String, NDArray> parameters, NDManager memory) {
        Map<String, NDArray> zeros = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> zeros.put(name, memory.zeros(parameter.getShape())));
        return zeros;
    }

    private void speeds(Consumer<Check> checks) {
        checks.accept(Check.speed("fp32, batch " + batch, perSecond(Precision.FP32)));
        if (computesBf16()) {
            checks.accept(Check.speed("bf16, batch " + batch, perSecond(Precision.BF16)));
        }
    }

    private double perSecond(Precision precision) {
        try (Network network = open(device, precision);
                NDManager scope = network.scope()) {
            NDArray pixels = pixels(network, scope, batch);
            timed(network, pixels, WARM_BATCHES);
            return (double) batch * TIMED_BATCHES / timed(network, pixels, TIMED_BATCHES);
        }
    }

    /** Seconds until the last result is on the processor. */
    private static double timed(Network network, NDArray pixels, int batches) {
        long start = System.nanoTime();
        for (int i = 0; i < batches; i++) {
            try (NDArray features = network.features(pixels, false)) {
                if (i == batches - 1) {
                    features.toFloatArray();
                }
            }
        }
        return (System.nanoTime() - start) / 1e9;
    }

    /** libtorch keeps what it once had for the next network: a second round must find room in that. */
    private void memory(Devices.Memory before, Consumer<Check> checks) {
        long afterOne = used().orElse(before.usedBytes());
        perSecond(Precision.FP32);
        long afterTwo = used().orElse(afterOne);
        double left = Math.max(0, afterTwo - afterOne) / (double) before.totalBytes();
        checks.accept(Check.within("memory that a second round leaves in use, of all", left, LEFT_MEMORY));
    }

    private Optional<Long> used() {
        return Devices.memory(device).map(Devices.Memory::usedBytes);
    }
}
