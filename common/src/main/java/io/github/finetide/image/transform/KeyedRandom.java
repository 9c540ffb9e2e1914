package io.github.finetide.image.transform;

/**
 * Random numbers named by a key (seed, epoch, index) and a count, whoever asks and in whatever order: SplitMix64
 * (Steele, Lea, Flood 2014), its start hashed from the key by the same mixing function.
 */
final class KeyedRandom {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final double UNIT = 0x1.0p-53;

    private long state;

    KeyedRandom(long seed, int epoch, long index) {
        long key = mix(seed + GOLDEN_GAMMA);
        key = mix((key ^ epoch) + GOLDEN_GAMMA);
        state = mix((key ^ index) + GOLDEN_GAMMA);
    }

    /** In [0, 1). */
    double uniform() {
        state += GOLDEN_GAMMA;
        return (mix(state) >>> 11) * UNIT;
    }

    /** In [from, to). */
    double uniform(double from, double to) {
        return from + (to - from) * uniform();
    }

    boolean happens(double probability) {
        return uniform() < probability;
    }

    /** Every order of 0..size-1 with the same probability (Fisher and Yates). */
    int[] permutation(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            int j = (int) (uniform() * (i + 1));
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }

    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
