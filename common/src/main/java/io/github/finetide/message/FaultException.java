package io.github.finetide.message;

import java.io.Serial;
import java.time.Duration;
import java.util.concurrent.CompletionException;

/**
 * Bad input, or something outside this process that failed: a kind, and a message for the user, {@link Redacted}.
 */
public class FaultException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;
    private final Duration retryAfter;

    public FaultException(ErrorKind kind, String message) {
        this(kind, message, Duration.ZERO);
    }

    public FaultException(ErrorKind kind, String message, Throwable cause) {
        super(Redacted.text(message), cause);
        this.kind = kind;
        this.retryAfter = Duration.ZERO;
    }

    /** For what its other side asked not to be tried again for a while. */
    public FaultException(ErrorKind kind, String message, Duration retryAfter) {
        super(Redacted.text(message));
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    /** A field with a value that is not allowed; {@code allowed} completes "allowed: ". */
    public static FaultException invalid(String field, Object value, String allowed) {
        return new FaultException(
                ErrorKind.INVALID, field + ": " + Shown.of(value) + " is not allowed; allowed: " + allowed);
    }

    /** Any failure as a fault with a kind: an unforeseen one is {@code internal}. */
    public static FaultException of(Throwable thrown) {
        if (thrown instanceof FaultException fault) {
            return fault;
        }
        Throwable cause = thrown.getCause();
        if (thrown instanceof CompletionException && cause != null) {
            return of(cause);
        }
        return new FaultException(ErrorKind.INTERNAL, FailureSummary.of(thrown), thrown);
    }

    public ErrorKind kind() {
        return kind;
    }

    /** How long to wait before the next attempt: one's own pause, or a longer one that was asked for. */
    public Duration pause(Duration own) {
        return retryAfter.compareTo(own) > 0 ? retryAfter : own;
    }

    /** What goes into a status or a result. */
    public ErrorDetail detail() {
        String message = getMessage();
        return new ErrorDetail(kind, message == null ? kind.wire() : message);
    }
}
