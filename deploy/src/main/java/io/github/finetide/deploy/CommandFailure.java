package io.github.finetide.deploy;

import java.io.Serial;

/** A command could not do what it was asked; the message is the line its user reads. */
public final class CommandFailure extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    /** A failure with its line. */
    public CommandFailure(String message) {
        super(message);
    }
}
