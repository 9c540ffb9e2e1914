package io.github.finetide.deploy;

import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every error is one line a user can act on; its stack trace is shown only on demand. */
final class Failures {
    private static final String LOG_LEVEL = "finetide.log.level";

    private Failures() {}

    /** Logs and shows stack traces from now on; must come before the first logger is made. */
    static void verbose(boolean verbose) {
        if (verbose) {
            System.setProperty(LOG_LEVEL, "INFO");
        }
    }

    /** An option or argument that does not exist or does not fit: exit status 2. */
    static int wrongUsage(ParameterException e, String[] args) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName(" ");
        print(e.getCommandLine(), "%s (see %s --help)".formatted(usageMessage(e), command), e);
        return ExitCode.USAGE;
    }

    private static String usageMessage(ParameterException e) {
        boolean atRoot = e.getCommandLine().getParent() == null;
        if (atRoot && e instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            List<String> similar = unmatched.getSuggestions();
            return "there is no command '%s'%s"
                    .formatted(
                            unmatched.getUnmatched().get(0),
                            similar.isEmpty() ? "" : "; did you mean " + String.join(" or ", similar) + "?");
        }
        String message = e.getMessage();
        return message == null ? "wrong usage" : message.replaceFirst("^Error: ", "");
    }

    /** Anything else: exit status 1. */
    static int failed(Exception e, CommandLine command, ParseResult parsed) {
        print(command, message(e), e);
        return ExitCode.SOFTWARE;
    }

    private static void print(CommandLine command, String message, Exception e) {
        command.getErr().println("finetide: " + message);
        if (System.getProperty(LOG_LEVEL) != null) {
            e.printStackTrace(command.getErr());
        }
        command.getErr().flush();
    }

    /** The line for the user: what failed, with the reason that a wrapping exception hides. */
    static String message(Throwable e) {
        if (e instanceof NoSuchFileException missing) {
            return "there is no file " + missing.getFile();
        }
        Throwable root = e;
        while ((root instanceof RuntimeException || root instanceof ExecutionException) && root.getCause() != null) {
            root = root.getCause();
        }
        String text = root.getMessage();
        if (text == null || root instanceof FileSystemException) {
            return root.getClass().getSimpleName() + (text == null ? "" : ": " + text);
        }
        return text;
    }
}
