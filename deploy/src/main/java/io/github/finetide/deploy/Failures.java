package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.message.FaultException;
import io.github.finetide.options.ExitCode;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every error is one line that its user can act on; a stack trace is shown only on demand. */
final class Failures {
    static final String VERBOSE = "--verbose";

    private Failures() {}

    /** Anything but wrong usage: exit status 1. */
    static int failed(Exception e, CommandLine command, @Nullable ParseResult parsed) {
        command.getErr().println("finetide: " + message(e));
        if (parsed != null && parsed.originalArgs().contains(VERBOSE)) {
            e.printStackTrace(command.getErr());
        }
        command.getErr().flush();
        return ExitCode.FAILURE;
    }

    /** What to say of a command that does not exist. */
    static String unknownCommand(UnmatchedArgumentException e) {
        List<String> similar = e.getSuggestions();
        String hint = similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?";
        return "there is no command '%s'%s".formatted(e.getUnmatched().get(0), hint);
    }

    /** The line for the user: what failed, with the reason that a wrapping exception hides. */
    static String message(Throwable e) {
        if (!(e instanceof FaultException) && KafkaFaults.isExplained(e)) {
            return KafkaFaults.text(e);
        }
        Throwable root = e;
        while (!(root instanceof FaultException) // says it all itself
                && (root instanceof RuntimeException || root instanceof ExecutionException)
                && root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof NoSuchFileException missing) {
            return "there is no file " + missing.getFile();
        }
        String text = root.getMessage();
        if (text == null || root instanceof FileSystemException) {
            return root.getClass().getSimpleName() + (text == null ? "" : ": " + text);
        }
        return text;
    }
}
