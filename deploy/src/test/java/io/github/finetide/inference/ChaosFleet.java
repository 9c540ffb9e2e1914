package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.JavaProcess;
import io.github.finetide.deploy.local.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Inference workers in processes of their own, by their ids; what is done to them is what happens to processes. */
final class ChaosFleet implements AutoCloseable {
    private static final long STOP_SECONDS = 60;
    private static final Duration HTTP_LIMIT = Duration.ofSeconds(2);

    private final Path folder;
    private final List<String> options;
    private final Map<String, Process> workers = new TreeMap<>();
    /** A file for each start. */
    private final Map<String, Path> logs = new HashMap<>();

    private final Map<String, Integer> ports = new HashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();

    private int joined;
    private int starts;

    /** @param options of each worker but its id */
    ChaosFleet(Path folder, List<String> options) {
        this.folder = folder;
        this.options = options;
    }

    void join() throws IOException {
        start("worker-" + ++joined);
    }

    private void start(String id) throws IOException {
        List<String> arguments = new ArrayList<>(options);
        int port = Ports.reserve();
        ports.put(id, port);
        arguments.addAll(List.of("--worker-id=" + id, "--http-port=" + port));
        Path log = folder.resolve(id + "-" + ++starts + ".log");
        logs.put(id, log);
        workers.put(
                id,
                JavaProcess.of(InferenceMain.class, "192m", arguments)
                        .redirectOutput(log.toFile())
                        .start());
    }

    List<String> ids() {
        return List.copyOf(workers.keySet());
    }

    /** As kill -9, and started again under its id, as a StatefulSet does. */
    void killAndRestart(String id) throws IOException, InterruptedException {
        alive(id).destroyForcibly().waitFor();
        start(id);
    }

    /** As SIGTERM, once it serves; it must end by itself, and well. */
    void leave(String id) throws InterruptedException {
        Process process = alive(id);
        int port = Objects.requireNonNull(ports.get(id), id);
        await().atMost(STOP_SECONDS, TimeUnit.SECONDS)
                .failFast(id + " ended; see " + logs.get(id), () -> !process.isAlive())
                .ignoreExceptions()
                .until(() -> isReady(port));
        workers.remove(id);
        process.destroy();
        assertThat(process.waitFor(STOP_SECONDS, TimeUnit.SECONDS))
                .as(id + " ends after SIGTERM")
                .isTrue();
        assertThat(process.exitValue()).as("exit code of " + id).isZero();
    }

    /** The process stands still, and takes itself for alive. */
    void freeze(String id) throws IOException, InterruptedException {
        signal(id, "STOP");
    }

    void thaw(String id) throws IOException, InterruptedException {
        signal(id, "CONT");
    }

    private void signal(String id, String signal) throws IOException, InterruptedException {
        String pid = Long.toString(alive(id).pid());
        assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor())
                .isZero();
    }

    private boolean isReady(int port) throws IOException, InterruptedException {
        URI ready = URI.create("http://127.0.0.1:" + port + "/health/ready");
        HttpRequest request = HttpRequest.newBuilder(ready).timeout(HTTP_LIMIT).build();
        return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    }

    /** Fails with the names of those that have ended by themselves, and where their logs are. */
    void requireAlive() {
        Map<String, Path> dead = new TreeMap<>(logs);
        dead.keySet().retainAll(workers.keySet());
        dead.keySet().removeIf(id -> process(id).isAlive());
        assertThat(dead).as("workers that ended by themselves, and their logs").isEmpty();
    }

    private Process alive(String id) {
        requireAlive();
        return process(id);
    }

    private Process process(String id) {
        return Objects.requireNonNull(workers.get(id), id);
    }

    void allLeave() throws InterruptedException {
        for (String id : ids()) {
            leave(id);
        }
    }

    @Override
    public void close() {
        workers.values().forEach(Process::destroyForcibly);
    }
}
