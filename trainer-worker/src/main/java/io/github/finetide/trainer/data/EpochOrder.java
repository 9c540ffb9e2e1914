package io.github.finetide.trainer.data;

/**
 * In which order an epoch sees the images: a permutation that follows from (seed, epoch) alone, so a
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
