package io.github.finetide.deploy;

import io.github.finetide.runtime.NativeSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A worker in a process of its own, that never outlives this one. Its output goes to a log file.
 */
public final class WorkerProcess implements AutoCloseable {
    /**
     * Where several workers share a machine, the threads of one must not spin while they wait: the others would
     * stand still. A worker that is alone keeps OpenMP's default, which answers single images sooner.
     */
    public static final Map<String, String> SHARED_MACHINE = Map.of("OMP_WAIT_POLICY", "passive");

    /** A worker checkpoints and leaves its groups within 30 s of being asked to stop. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(40);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
    private static final Duration PROBE_INTERVAL = Duration.ofMillis(200);

    private final String name;
    private final String kind;
    private final int httpPort;
    private final Path log;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();

    private WorkerProcess(String name, String kind, int httpPort, Path log, Process process) {
        this.name = name;
        this.kind = kind;
        this.httpPort = httpPort;
        this.log = log;
        this.process = process;
    }

    /** Starts one of several workers on this machine. */
    static WorkerProcess start(String name, int httpPort, Path logs, List<String> command) throws IOException {
        return start(name, httpPort, logs, SHARED_MACHINE, command);
    }

    /**
     * Starts a worker.
     *
     * @param name the worker's id, and the name of its log file in {@code logs}
     * @param environment what this process's own does not say
     * @param command {@code trainer} or {@code inference}, and its options but for id and port
     */
    public static WorkerProcess start(
            String name, int httpPort, Path logs, Map<String, String> environment, List<String> command)
            throws IOException {
        return new Launch(List.of(), environment).start(name, httpPort, logs, command);
    }

    /**
     * Starts one of several workers on this machine, with one processor and no other, by the command {@code taskset}.
     *
     * @param processor as the system counts them, from 0
     */
    public static WorkerProcess startPinned(String name, int httpPort, Path logs, int processor, List<String> command)
            throws IOException {
        List<String> pinned = List.of("taskset", "-c", Integer.toString(processor));
        return new Launch(pinned, SHARED_MACHINE).start(name, httpPort, logs, command);
    }

    /**
     * How a worker's process is started.
     *
     * @param prefix of its command line
     */
    private record Launch(List<String> prefix, Map<String, String> environment) {
        WorkerProcess start(String name, int httpPort, Path logs, List<String> command) throws IOException {
            Files.createDirectories(logs);
            Path log = logs.resolve(name + ".log");
            List<String> line = new ArrayList<>(prefix);
            line.addAll(commandLine(name, httpPort, command));
            ProcessBuilder builder = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            NativeSettings.ALLOCATOR.forEach(builder.environment()::putIfAbsent);
            environment.forEach(builder.environment()::putIfAbsent);
            builder.environment().put("OPT_OUT_TRACKING", "true");
            return new WorkerProcess(name, command.get(0), httpPort, log, builder.start());
        }
    }

    private static List<String> commandLine(String name, int httpPort, List<String> command) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                ChildMain.class.getName()));
        line.addAll(command);
        line.addAll(List.of("--worker-id", name, "--http-port", Integer.toString(httpPort)));
        return line;
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    String kind() {
        return kind;
    }

    int httpPort() {
        return httpPort;
    }

    /** Of the process. */
    public long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** How an ended worker ended: its exit code and the last line it wrote. */
    String ending() throws IOException {
        return "exit code " + process.exitValue() + ": " + lastLine();
    }

    URI metrics() {
        return URI.create("http://localhost:" + httpPort + "/metrics");
    }

    /** Waits until the worker answers on its HTTP port, and fails with the end of its log if it does not. */
    public void awaitLive(Duration limit) throws IOException, InterruptedException {
        URI live = URI.create("http://localhost:" + httpPort + "/health/live");
        await(() -> get(live).isPresent(), "does not answer on port " + httpPort, limit);
    }

    /** Waits until the worker's metrics contain a text. */
    public void awaitMetric(String text, Duration limit) throws IOException, InterruptedException {
        await(
                () -> get(metrics()).filter(page -> page.contains(text)).isPresent(),
                "has no metric with " + text,
                limit);
    }

    private void await(BooleanSupplier condition, String otherwise, Duration limit)
            throws IOException, InterruptedException {
        Instant end = Instant.now().plus(limit);
        while (!condition.getAsBoolean()) {
            if (process.waitFor(PROBE_INTERVAL.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new CommandFailure("%s ended with %s (log: %s)".formatted(name, ending(), log));
            }
            if (Instant.now().isAfter(end)) {
                throw new CommandFailure("%s %s after %d s: %s (log: %s)"
                        .formatted(name, otherwise, limit.toSeconds(), lastLine(), log));
            }
        }
    }

    private Optional<String> get(URI uri) {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(ANSWER_LIMIT).build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException notYet) {
            return Optional.empty();
        } catch (InterruptedException stopsNow) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private String lastLine() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    }

    /** Ends the worker at once, as a machine that fails does. */
    public void kill() {
        process.destroyForcibly();
    }

    /** Asks the worker to stop; {@link #close} waits for it. */
    void stop() {
        process.destroy();
    }

    @Override
    public void close() {
        stop();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException stopsNow) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
