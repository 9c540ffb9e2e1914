package io.github.finetide.image.file;

import java.io.Serial;
import java.time.Duration;

/** When decoding must have ended. */
public record Deadline(long nanoTime) {

    /** Thrown out of a decoder at the next byte it reads, or row it writes, after the deadline. */
    public static final class Passed extends RuntimeException {
        @Serial
        private static final long serialVersionUID = 1L;

        Passed() {
            super("too slow");
        }
    }

    public static Deadline after(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    public boolean hasPassed() {
        return System.nanoTime() - nanoTime > 0;
    }

    public void check() {
        if (hasPassed()) {
            throw new Passed();
        }
    }
}
