package io.github.finetide.network;

import java.nio.charset.StandardCharsets;

/**
 * Random numbers that follow from a seed and a name alone, the same on every machine: SplitMix64
 * (Steele, Lea, Flood 2014) started from the FNV-1a hash of the name.
 */
final class Draws {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private long state;

    Draws(long seed, String name) {
        long hash = 0xCBF29CE484222325L;
        for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (letter & 0xFF)) * 0x100000001B3L;
        }
        state = mix(seed + GOLDEN_GAMMA) ^ hash;
    }

    /** Returns a number in [0, 1) with 24 bits. */
    double next() {
        state += GOLDEN_GAMMA;
        return (mix(state) >>> 40) * 0x1p-24;
    }

    /** Returns a number in [low, high). */
    double between(double low, double high) {
        return low + (high - low) * next();
    }

    private static long mix(long state) {
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
