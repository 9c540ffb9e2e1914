package io.github.finetide.message;

/** Failures of this program or of a library, in one line for users; the whole of it is for the log. */
public final class FailureSummary {
    private static final int MAX_CHARS = 300; // enough for libtorch's shapes and types

    /** What TorchScript's interpreter says after its trace, and how Python's exceptions begin. */
    private static final String AFTER_TRACE = "RuntimeError: ";

    private FailureSummary() {}

    /** Returns the kind of failure and its own sentence, without a trace of Java, C++ or TorchScript. */
    public static String of(Throwable thrown) {
        String message = thrown.getMessage();
        String type = thrown.getClass().getSimpleName();
        return message == null || message.isBlank() ? type : type + ": " + sentence(message);
    }

    /** Returns the line of a message that says what happened. */
    public static String sentence(String message) {
        String line = message.lines()
                .map(String::strip)
                .filter(text -> text.startsWith(AFTER_TRACE))
                .map(text -> text.substring(AFTER_TRACE.length()))
                .findFirst()
                .orElseGet(() -> message.strip().lines().findFirst().orElse(""));
        return Shown.plain(line, MAX_CHARS);
    }
}
