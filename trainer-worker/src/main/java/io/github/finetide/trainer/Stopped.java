package io.github.finetide.trainer;

import java.io.Serial;

/** Leaves the loop, from however deep inside, because {@link Progress#directive} said so. */
final class Stopped extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Directive directive;

    Stopped(Directive directive) {
        super(directive.name(), null, false, false);
        this.directive = directive;
    }

    Directive directive() {
        return directive;
    }
}
