package io.github.finetide.trainer.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * In which order an epoch sees the images: a permutation, or draws, that follow from (seed, epoch) alone, so a
 * resumed epoch has the order it would have had.
 */
public final class EpochOrder {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    private EpochOrder(long state) {
        this.state = state;
    }

    /** Returns 0..size-1 as they are. */
    public static int[] sequential(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        return order;
    }

    /** Returns 0..size-1 shuffled (Fisher and Yates), each permutation equally likely. */
    public static int[] shuffled(int size, long seed, int epoch) {
        EpochOrder random = new EpochOrder(mix(mix(seed) + epoch));
        int[] order = sequential(size);
        for (int i = size - 1; i > 0; i--) {
            int j = random.below(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /**
     * Draws as many indexes as there are labels, with replacement: each time first a class, those that have images being
     * equally likely, then one of its images. What {@code WeightedRandomSampler} draws with weights 1 / images of the class.
     */
    public static int[] balanced(int[] labels, int classes, long seed, int epoch) {
        int[] ends = new int[classes];
        for (int label : labels) {
            ends[label]++;
        }
        int[] present = IntStream.range(0, classes).filter(i -> ends[i] > 0).toArray();
        Arrays.parallelPrefix(ends, Integer::sum);
        int[] byClass = byClass(labels, ends);
        EpochOrder random = new EpochOrder(mix(mix(seed) + epoch));
        int[] order = new int[labels.length];
        for (int i = 0; i < order.length; i++) {
            int label = present[random.below(present.length)];
            int from = label == 0 ? 0 : ends[label - 1];
            order[i] = byClass[from + random.below(ends[label] - from)];
        }
        return order;
    }

    /** All indexes, class by class; ends are where each class ends. */
    private static int[] byClass(int[] labels, int[] ends) {
        int[] next = new int[ends.length];
        System.arraycopy(ends, 0, next, 1, ends.length - 1);
        int[] indexes = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            indexes[next[labels[i]]++] = i;
        }
        return indexes;
    }

    /** Uniform in 0..bound-1: the high half of a 64 x 32 bit product; its bias is below 2^-32. */
    private int below(int bound) {
        state += GOLDEN_GAMMA;
        return (int) Math.multiplyHigh(mix(state) >>> 1, (long) bound << 1);
    }

    /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
