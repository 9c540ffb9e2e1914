package io.github.finetide.message;

/** Why something failed, as the user reads it. */
public record ErrorDetail(ErrorKind kind, String message) {
    private static final int MAX_CHARS = 20_000; // 50 lines of a manifest with long paths; far below a record's 1 MB

    public ErrorDetail {
        message = Redacted.text(message);
        message = message.length() > MAX_CHARS ? message.substring(0, MAX_CHARS) + "..." : message;
    }
}
