package io.github.finetide.options;

/** How a process ended, for whoever started it. */
public final class ExitCode {
    /** A clean stop, also after SIGTERM. */
    public static final int OK = 0;
    /** Something failed. */
    public static final int FAILURE = 1;
    /** An unknown option, variable or value. */
    public static final int USAGE = 2;

    private ExitCode() {}
}
