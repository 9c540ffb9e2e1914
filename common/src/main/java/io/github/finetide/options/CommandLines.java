package io.github.finetide.options;

import io.github.finetide.message.FaultException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * Runs a picocli command the way all of ours behave: options also from {@code FINETIDE_} variables, an error is one
 * line (with its stack trace under {@code --verbose}), and the exit codes are those of {@link ExitCode}.
 */
public final class CommandLines {
    /**
     * {@code split} of every repeatable option: a character nobody types, so that values on the command line may hold
     * commas while those of an environment variable are separated by them.
     */
    public static final String SEPARATOR = "\u001f";

    private CommandLines() {}

    /** Runs a command with this process's environment; returns its {@link ExitCode}. */
    public static int run(Object command, String... arguments) {
        return prepare(new CommandLine(command), System.getenv()).execute(arguments);
    }

    /** Gives a command line our behaviour. */
    public static CommandLine prepare(CommandLine line, Map<String, String> variables) {
        Environment environment = new Environment(variables);
        requireSeparators(line);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setDefaultValueProvider(environment)
                .setExecutionStrategy(parsed -> execute(parsed, environment))
                .setParameterExceptionHandler((wrong, arguments) -> usage(wrong, environment))
                .setExecutionExceptionHandler(CommandLines::failed);
    }

    private static int execute(ParseResult parsed, Environment environment) {
        Integer help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        CommandLine line = deepest(parsed).commandSpec().commandLine();
        Set<String> unknown = environment.unknown(line);
        if (!unknown.isEmpty()) {
            String names = String.join(", ", unknown);
            throw new ParameterException(line, "Unknown environment variable: " + names);
        }
        Logging.use(value(line.getCommandSpec(), "--log", LogFormat.TEXT));
        return new CommandLine.RunLast().execute(parsed);
    }

    private static ParseResult deepest(ParseResult parsed) {
        ParseResult deepest = parsed;
        while (deepest.hasSubcommand()) {
            deepest = deepest.subcommand();
        }
        return deepest;
    }

    private static int usage(ParameterException wrong, Environment environment) {
        CommandLine line = wrong.getCommandLine();
        PrintWriter err = line.getErr();
        err.println(name(line) + ": " + oneLine(wrong.getMessage()) + source(wrong, environment));
        err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
        err.flush();
        return ExitCode.USAGE;
    }

    /** Where a wrong value came from, if it was not on the command line. */
    private static String source(ParameterException wrong, Environment environment) {
        boolean given = wrong.getArgSpec() instanceof OptionSpec option
                && !wrong.getCommandLine().getParseResult().hasMatchedOption(option)
                && environment.provides(option);
        return given ? " (from " + Environment.variable((OptionSpec) wrong.getArgSpec()) + ")" : "";
    }

    private static int failed(Exception failure, CommandLine line, @Nullable ParseResult parsed) {
        PrintWriter err = line.getErr();
        err.println(name(line) + ": " + describe(failure));
        if (value(line.getCommandSpec(), "--verbose", false)) {
            failure.printStackTrace(err);
        }
        err.flush();
        return ExitCode.FAILURE;
    }

    /** A failure in one line. */
    public static String describe(Throwable failure) {
        String message = failure.getMessage();
        boolean plain = failure instanceof FaultException || failure instanceof UncheckedIOException;
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return oneLine(plain ? message : failure.getClass().getSimpleName() + ": " + message);
    }

    private static String oneLine(@Nullable String message) {
        return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ");
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName();
    }

    private static <T> T value(CommandSpec spec, String option, T otherwise) {
        OptionSpec found = spec.findOption(option);
        T value = found == null ? null : found.getValue();
        return value == null ? otherwise : value;
    }

    private static void requireSeparators(CommandLine line) {
        for (OptionSpec option : line.getCommandSpec().options()) {
            if (option.isMultiValue() && !SEPARATOR.equals(option.splitRegex())) {
                throw new IllegalStateException(option.longestName() + " needs split = CommandLines.SEPARATOR");
            }
        }
        line.getSubcommands().values().forEach(CommandLines::requireSeparators);
    }
}
