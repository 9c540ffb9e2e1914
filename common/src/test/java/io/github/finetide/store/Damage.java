package io.github.finetide.store;

import java.util.Arrays;
import java.util.Random;

/** What disks do to files. */
final class Damage {
    private Damage() {}

    /** Some other bytes than these: a flipped bit, an end cut off or added, or nothing left. */
    static byte[] some(byte[] bytes, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> flipped(bytes, random);
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 2 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(100));
            default -> new byte[0];
        };
    }

    private static byte[] flipped(byte[] bytes, Random random) {
        byte[] flipped = bytes.clone();
        flipped[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        return flipped;
    }
}
