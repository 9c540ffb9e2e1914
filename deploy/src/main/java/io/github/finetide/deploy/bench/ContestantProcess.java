package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A contestant in a process of its own. A command is a line of words separated by tabs, its answer a line; what it
 * writes beside that goes to a log file. It ends with its input, so it outlives this process in no case.
 *
 * <p>See RATIONALE.md, Why does each contestant of the bench have a process of its own?
 */
final class ContestantProcess implements Contestant {
    private static final int STOP_SECONDS = 10;

    private final String name;
    private final Path log;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    private ContestantProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
        commands = process.outputWriter(StandardCharsets.UTF_8);
        answers = process.inputReader(StandardCharsets.UTF_8);
    }

    /**
     * Starts it.
     *
     * @param environment set beside this process's own; an empty value takes a variable away
     */
    static ContestantProcess start(String name, Path logs, Map<String, String> environment, List<String> command) {
        Path log = logs.resolve(name + ".log");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        environment.forEach((variable, value) -> {
            if (value.isEmpty()) {
                builder.environment().remove(variable);
            } else {
                builder.environment().put(variable, value);
            }
        });
        try {
            Files.createDirectories(logs);
            return new ContestantProcess(name, log, builder.start());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /**
     * @throws CommandFailure if the process ended
     */
    @Override
    public Answer ask(String... command) {
        try {
            commands.write(String.join("\t", command));
            commands.newLine();
            commands.flush();
            String line = answers.readLine();
            if (line != null) {
                return Answer.parse(line);
            }
        } catch (IOException ended) {
            // Said below.
        }
        throw new CommandFailure("%s ended at \"%s\" (log: %s)".formatted(name, String.join(" ", command), log));
    }

    @Override
    public void close() {
        try {
            commands.close();
        } catch (IOException ended) {
            // It has ended by itself.
        }
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
