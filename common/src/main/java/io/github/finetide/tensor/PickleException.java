package io.github.finetide.tensor;

import java.io.Serial;

/** Says what is wrong with a pickled file; the caller adds which file. */
final class PickleException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    PickleException(String message) {
        super(message);
    }
}
