package io.github.finetide.message;

import java.io.Serial;

/**
 * Bad input, or something outside this process that failed: a kind, and a message for the user, {@link Redacted}.
 */
public class FaultException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final ErrorKind kind;

    public FaultException(ErrorKind kind, String message) {
        super(Redacted.text(message));
        this.kind = kind;
    }

    public FaultException(ErrorKind kind, String message, Throwable cause) {
        super(Redacted.text(message), cause);
        this.kind = kind;
    }

    /** A field with a value that is not allowed; {@code allowed} completes "allowed: ". */
    public static FaultException invalid(String field, Object value, String allowed) {
        return new FaultException(
                ErrorKind.INVALID, field + ": " + Shown.of(value) + " is not allowed; allowed: " + allowed);
    }

    public ErrorKind kind() {
        return kind;
    }

    /** What goes into a status or a result. */
    public ErrorDetail detail() {
        String message = getMessage();
        return new ErrorDetail(kind, message == null ? kind.wire() : message);
    }
}
