package io.github.finetide.options;

import picocli.CommandLine.Option;

/** {@code --verbose} and {@code --log}, to be mixed into every command. */
public final class Verbosity {
    @Option(names = "--verbose", description = "Show stack traces of errors.")
    private boolean verbose;

    @Option(names = "--log", paramLabel = "text|json", description = "How log lines are written (default: text).")
    private LogFormat log = LogFormat.TEXT;

    public boolean verbose() {
        return verbose;
    }

    public LogFormat log() {
        return log;
    }
}
