package io.github.finetide.deploy;

import io.github.finetide.deploy.local.EmbeddedKafka;
import io.github.finetide.files.FileTree;
import io.github.finetide.options.ExitCode;
import io.github.finetide.options.OptionTypes;
import io.github.finetide.options.Verbosity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The embedded Kafka alone, in the foreground. */
@Command(
        name = "broker",
        description = "Runs a Kafka of one node for development, until Ctrl-C. It has no topics at first:"
                + " \"finetide topics\" creates them.")
final class BrokerCommand implements Callable<Integer> {
    @Mixin
    Verbosity verbosity = new Verbosity();

    @Option(
            names = "--port",
            converter = OptionTypes.Port.class,
            description = "Where clients connect, on localhost; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port = 9092;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Folder for what it keeps, used again by the next start"
                    + " (default: a temporary one, removed at the end).")
    private @Nullable Path data;

    private final Screen screen = Screen.ofProcess();
    private volatile boolean stopping;

    @Override
    public Integer call() throws IOException {
        boolean temporary = data == null;
        Path folder = data == null ? Files.createTempDirectory("finetide-kafka") : data;
        EmbeddedKafka kafka = EmbeddedKafka.start(port, folder);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(kafka, folder, temporary), "stop"));
        screen.line("Kafka listens on %s; data in %s. Ctrl-C stops it.", kafka.bootstrapServers(), folder);
        kafka.awaitEnd();
        if (stopping) {
            return ExitCode.OK; // the hook ends the process before this does
        }
        throw new CommandFailure("Kafka ended by itself; --verbose shows why");
    }

    /** A stop that was asked for is no failure: the exit status is 0, not that of the signal. */
    private void stop(EmbeddedKafka kafka, Path folder, boolean temporary) {
        stopping = true;
        int status = ExitCode.OK;
        try {
            kafka.close();
            if (temporary) {
                FileTree.delete(folder);
            }
        } catch (RuntimeException | IOException e) {
            screen.line("finetide: %s", Failures.message(e));
            status = ExitCode.FAILURE;
        }
        Runtime.getRuntime().halt(status);
    }
}
