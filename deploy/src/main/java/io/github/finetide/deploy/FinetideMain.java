package io.github.finetide.deploy;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The {@code finetide} command. */
@Command(
        name = "finetide",
        description = "Fine-tunes and serves ResNet152 over Kafka.",
        synopsisSubcommandLabel = "COMMAND",
        version = "finetide 0.1.0",
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        subcommands = {TrainCommand.class, ClassifyCommand.class, WatchCommand.class, CommandLine.HelpCommand.class})
public final class FinetideMain {
    @Option(
            names = "--verbose",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Log on standard error, and show the stack trace of an error.")
    void verbose(boolean verbose) {
        Failures.verbose(verbose);
    }

    private FinetideMain() {}

    /** Runs one command; the exit status is 0 when all went well, 1 after a failure, 2 after wrong usage. */
    public static void main(String[] args) {
        if (System.getProperty("logback.configurationFile") == null) {
            System.setProperty("logback.configurationFile", "logback-finetide.xml");
        }
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new FinetideMain());
        commandLine.setParameterExceptionHandler(Failures::wrongUsage);
        commandLine.setExecutionExceptionHandler(Failures::failed);
        commandLine.setUsageHelpAutoWidth(true);
        return commandLine;
    }
}
