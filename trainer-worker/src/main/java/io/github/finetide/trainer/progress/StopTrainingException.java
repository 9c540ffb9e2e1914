package io.github.finetide.trainer.progress;

import java.io.Serial;

/** Leaves the loop, from however deep inside, because {@link Progress#directive} said so. */
public final class StopTrainingException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Directive directive;

    StopTrainingException(Directive directive) {
        super(directive.name(), null, false, false);
        this.directive = directive;
    }

    public Directive directive() {
        return directive;
    }
}
