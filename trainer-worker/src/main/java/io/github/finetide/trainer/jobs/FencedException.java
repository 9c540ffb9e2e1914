package io.github.finetide.trainer.jobs;

import java.io.Serial;

/** Another worker owns the job now: stop, publish nothing, touch no file. */
final class FencedException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    FencedException(String why) {
        super(why);
    }
}
