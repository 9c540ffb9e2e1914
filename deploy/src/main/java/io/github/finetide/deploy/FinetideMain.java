package io.github.finetide.deploy;

import io.github.finetide.deploy.bench.BenchCommand;
import io.github.finetide.deploy.classify.ClassifyCommand;
import io.github.finetide.deploy.dataset.DatasetCommand;
import io.github.finetide.deploy.dataset.ReviewCommand;
import io.github.finetide.deploy.doctor.DoctorCommand;
import io.github.finetide.inference.InferenceMain;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.ExitCode;
import io.github.finetide.runtime.Shutdown;
import io.github.finetide.trainer.TrainerMain;
import java.util.Arrays;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code finetide} command. */
@Command(
        name = "finetide",
        description = "Fine-tunes and serves ResNet152 over Kafka.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = VersionCommand.class,
        mixinStandardHelpOptions = true,
        scope = CommandLine.ScopeType.INHERIT,
        subcommands = {
            DemoCommand.class,
            UpCommand.class,
            DatasetCommand.class,
            ReviewCommand.class,
            TrainCommand.class,
            ClassifyCommand.class,
            WatchCommand.class,
            VersionCommand.class,
            ImportCommand.class,
            ReleaseCommand.class,
            TrainerMain.class,
            InferenceMain.class,
            BrokerCommand.class,
            TopicsCommand.class,
            ReplayCommand.class,
            ExportCommand.class,
            StoreCommand.class,
            BenchCommand.class,
            DoctorCommand.class,
        })
public final class FinetideMain {
    /** They log like any service; the other commands talk to a person. */
    private static final Set<String> WORKERS = Set.of("trainer", "inference");

    private FinetideMain() {}

    /** Runs one command; the exit status is 0 when all went well, 1 after a failure, 2 after wrong usage. */
    public static void main(String[] args) {
        if (args.length > 0 && WORKERS.contains(args[0])) {
            Shutdown.listen();
        } else {
            quietLog(Arrays.asList(args).contains(Failures.VERBOSE));
        }
        Shutdown.exit(commandLine().execute(args));
    }

    /** Must come before the first logger is made. */
    private static void quietLog(boolean verbose) {
        System.setProperty("logback.configurationFile", "logback-finetide.xml");
        System.setProperty("finetide.log.level", verbose ? "INFO" : "OFF");
    }

    static CommandLine commandLine() {
        CommandLine line = CommandLines.prepare(new CommandLine(new FinetideMain()), System.getenv());
        IParameterExceptionHandler usual = line.getParameterExceptionHandler();
        return line.setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler(Failures::failed)
                .setParameterExceptionHandler((wrong, arguments) -> wrongUsage(wrong, arguments, usual));
    }

    private static int wrongUsage(ParameterException wrong, String[] arguments, IParameterExceptionHandler usual)
            throws Exception {
        boolean atRoot = wrong.getCommandLine().getParent() == null;
        if (atRoot && wrong instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
            String message = Failures.unknownCommand(unmatched);
            return usual.handleParseException(new ParameterException(wrong.getCommandLine(), message), arguments);
        }
        return arguments.length == 0 ? help(wrong.getCommandLine()) : usual.handleParseException(wrong, arguments);
    }

    private static int help(CommandLine line) {
        line.usage(line.getErr());
        return ExitCode.USAGE;
    }
}
