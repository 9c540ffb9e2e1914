package io.github.finetide.inference;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Any failure as a fault with a kind: what nobody foresaw is {@code internal}. */
public final class Faults {
    private Faults() {}

    static ErrorKind kindOf(@Nullable FaultException fault) {
        return fault == null ? ErrorKind.INTERNAL : fault.kind();
    }

    public static FaultException of(Throwable thrown) {
        if (thrown instanceof FaultException fault) {
            return fault;
        }
        Throwable cause = thrown.getCause();
        if (thrown instanceof CompletionException && cause != null) {
            return of(cause);
        }
        return new FaultException(ErrorKind.INTERNAL, thrown.toString(), thrown);
    }
}
