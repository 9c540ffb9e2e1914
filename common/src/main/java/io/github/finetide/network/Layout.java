package io.github.finetide.network;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The tensors a network has: names and shapes as torchvision's (or {@code CNN} of the article in README.md), and
 * what each is for.
 */
public final class Layout {
    private static final int RESNET_FEATURES = 2048;
    private static final int CNN_CHANNELS = 64;

    /** The CNN halves its image twice. */
    private static final int CNN_REDUCTION = 4;

    private final Architecture architecture;
    private final long classes;
    private final long featureCount;
    private final Map<String, long[]> shapes = new LinkedHashMap<>();

    private Layout(Architecture architecture, long classes, long featureCount) {
        this.architecture = architecture;
        this.classes = classes;
        this.featureCount = featureCount;
        if (architecture == Architecture.CNN) {
            addCnn();
        } else {
            addResNet();
        }
        shapes.put(headWeight(), new long[] {classes, featureCount});
        shapes.put(headBias(), new long[] {classes});
    }

    /**
     * Returns the layout for so many classes and such images.
     *
     * @param classes rows of the head
     * @param imageSize edge of the square input in pixels; only the CNN's head depends on it
     */
    public static Layout of(Architecture architecture, int classes, int imageSize) {
        return new Layout(architecture, classes, featureCount(architecture, imageSize));
    }

    /**
     * Returns the layout that weights with a head have.
     *
     * @throws FaultException INVALID if they have no head
     */
    static Layout of(Architecture architecture, StateDict weights) {
        String name = architecture == Architecture.CNN ? "out.weight" : "fc.weight";
        TensorData head = weights.find(name)
                .filter(tensor -> tensor.shape().length == 2)
                .orElseThrow(() -> new FaultException(
                        ErrorKind.INVALID, "weights: no matrix " + name + ", the head of " + architecture.wire()));
        return new Layout(architecture, head.shape()[0], isCnnHead(architecture, head) ? head.shape()[1] : 2048);
    }

    private static boolean isCnnHead(Architecture architecture, TensorData head) {
        return architecture == Architecture.CNN && head.shape()[1] % CNN_CHANNELS == 0;
    }

    /** Returns the length of the vector the head sees, for images of that edge in pixels. */
    public static int featureCount(Architecture architecture, int imageSize) {
        int edge = imageSize / CNN_REDUCTION;
        return architecture == Architecture.CNN ? CNN_CHANNELS * edge * edge : RESNET_FEATURES;
    }

    /** Returns how many bottlenecks each of the four stages of a residual network has. */
    static List<Integer> blocks(Architecture architecture) {
        return switch (architecture) {
            case RESNET50 -> List.of(3, 4, 6, 3);
            case RESNET101 -> List.of(3, 4, 23, 3);
            case RESNET152 -> List.of(3, 8, 36, 3);
            case CNN -> throw new IllegalArgumentException("the cnn has no bottlenecks");
        };
    }

    /** Returns the layers of a residual network whose results int8 rounds, in the order of computation. */
    static List<String> activations(List<Integer> blocks) {
        List<String> layers = new ArrayList<>(List.of("conv1"));
        for (int stage = 1; stage <= blocks.size(); stage++) {
            for (int block = 0; block < blocks.get(stage - 1); block++) {
                String name = "layer" + stage + "." + block;
                layers.addAll(List.of(name + ".conv1", name + ".conv2"));
                if (block == 0) {
                    layers.add(name + ".downsample.0");
                }
                layers.add(name);
            }
        }
        return layers;
    }

    private void addResNet() {
        convolution("conv1", 64, 3, 7);
        batchNorm("bn1", 64);
        List<Integer> blocks = blocks(architecture);
        long channels = 64;
        for (int stage = 1; stage <= blocks.size(); stage++) {
            long width = 32L << stage;
            for (int block = 0; block < blocks.get(stage - 1); block++) {
                bottleneck("layer" + stage + "." + block, channels, width, block == 0);
                channels = 4 * width;
            }
        }
    }

    private void bottleneck(String name, long channels, long width, boolean first) {
        convolution(name + ".conv1", width, channels, 1);
        batchNorm(name + ".bn1", width);
        convolution(name + ".conv2", width, width, 3);
        batchNorm(name + ".bn2", width);
        convolution(name + ".conv3", 4 * width, width, 1);
        batchNorm(name + ".bn3", 4 * width);
        if (first) {
            convolution(name + ".downsample.0", 4 * width, channels, 1);
            batchNorm(name + ".downsample.1", 4 * width);
        }
    }

    private void addCnn() {
        int channels = 3;
        for (Map.Entry<String, Integer> layer : List.of(
                Map.entry("conv1.0", 16),
                Map.entry("conv2.0", 32),
                Map.entry("conv2.2", 32),
                Map.entry("conv3.0", 64))) {
            convolution(layer.getKey(), layer.getValue(), channels, 5);
            shapes.put(layer.getKey() + ".bias", new long[] {layer.getValue()});
            channels = layer.getValue();
        }
    }

    private void convolution(String name, long to, long from, long edge) {
        shapes.put(name + ".weight", new long[] {to, from, edge, edge});
    }

    private void batchNorm(String name, long channels) {
        for (String part : List.of("weight", "bias", "running_mean", "running_var")) {
            shapes.put(name + "." + part, new long[] {channels});
        }
        shapes.put(name + ".num_batches_tracked", new long[0]);
    }

    public Architecture architecture() {
        return architecture;
    }

    /** Returns the number of rows of the head. */
    public int classes() {
        return Math.toIntExact(classes);
    }

    /** Returns every tensor's shape by name, in torchvision's order; the caller may not write. */
    public Map<String, long[]> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    /** Returns a tensor's shape (a copy). */
    long[] shape(String name) {
        long[] shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("the layout has no tensor " + name);
        }
        return shape.clone();
    }

    /** Returns the name of the head's weight, {@code [classes, featureCount]}. */
    public String headWeight() {
        return architecture == Architecture.CNN ? "out.weight" : "fc.weight";
    }

    /** Returns the name of the head's bias, {@code [classes]}. */
    public String headBias() {
        return architecture == Architecture.CNN ? "out.bias" : "fc.bias";
    }

    /** Returns the names of the head's weight and bias. */
    public Set<String> head() {
        return named(name -> name.equals(headWeight()) || name.equals(headBias()));
    }

    /** Returns the names of everything but the head. */
    public Set<String> backbone() {
        Set<String> head = head();
        return named(name -> !head.contains(name));
    }

    /** Returns the length of the vector the head sees. */
    public int featureCount() {
        return Math.toIntExact(featureCount);
    }

    /** Returns the parameters that an optimiser moves, in order. */
    public Set<String> trained(Trainable trainable) {
        Set<String> head = head();
        String lastStage = architecture == Architecture.CNN ? "conv3." : "layer4.";
        return switch (trainable) {
            case HEAD -> head;
            case LAYER4 -> named(name -> !isStatistic(name) && (name.startsWith(lastStage) || head.contains(name)));
            case ALL -> named(name -> !isStatistic(name));
        };
    }

    /** Returns the running means, variances and batch counts, which move without an optimiser. */
    public Set<String> runningStatistics() {
        return named(Layout::isStatistic);
    }

    private static boolean isStatistic(String name) {
        return name.endsWith(".running_mean") || name.endsWith(".running_var") || isBatchCount(name);
    }

    /** Whether this is a batch count: the one integer, which older files lack. */
    public static boolean isBatchCount(String name) {
        return name.endsWith(".num_batches_tracked");
    }

    private Set<String> named(Predicate<String> wanted) {
        Set<String> names = new LinkedHashSet<>(shapes.keySet());
        names.removeIf(wanted.negate());
        return names;
    }

    /**
     * Refuses tensors that are missing, superfluous or of the wrong shape. Batch counts may be missing,
     * as in files of PyTorch before 0.4.1.
     *
     * @throws FaultException INVALID, listing them
     */
    public void check(StateDict weights) {
        LayoutCheck.check(architecture, shapes, weights);
    }

    /**
     * Returns the network that a checkpoint stands for, the one reading of what it holds: its tensors, and
     * for each that it lacks the one it started from, as long as that has the layout's shape.
     *
     * @param changed the tensors that training moved; any of them may be missing, those of the head too
     */
    public StateDict whole(StateDict starting, StateDict changed) {
        Set<String> kept = named(name -> starting.find(name)
                .filter(tensor -> Arrays.equals(tensor.shape(), shapes.get(name)))
                .isPresent());
        return starting.only(kept).with(changed).only(shapes.keySet());
    }

    /** As {@link #check}, whatever head the weights have, or none. */
    public void checkBackbone(StateDict weights) {
        Map<String, long[]> wanted = new LinkedHashMap<>(shapes);
        wanted.keySet().removeAll(head());
        LayoutCheck.check(architecture, wanted, weights.without(head()));
    }
}
