package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.trainer.TrainerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A trainer in a process of its own, to be stopped and killed in earnest. */
final class TrainerProcess implements AutoCloseable {
    private final String id;
    private final Process process;
    private final Path log;
    private final long logStart;

    private TrainerProcess(String id, Process process, Path log, long logStart) {
        this.id = id;
        this.process = process;
        this.log = log;
        this.logStart = logStart;
    }

    /** Starts a trainer that reads images below the folder, and adds its log to the one there. */
    static TrainerProcess start(KafkaSettings kafka, Path folder, Path store, String id) throws IOException {
        return start(kafka, folder, store, id, List.of(), List.of());
    }

    /** The same with more options of Java's and of the trainer's. */
    static TrainerProcess start(
            KafkaSettings kafka, Path folder, Path store, String id, List<String> java, List<String> options)
            throws IOException {
        List<String> jvm =
                new ArrayList<>(List.of("-Djava.io.tmpdir=" + Files.createDirectories(folder.resolve("tmp"))));
        jvm.addAll(java);
        List<String> arguments = new ArrayList<>(List.of(
                "--bootstrap-servers=" + kafka.bootstrapServers(),
                "--topic-prefix=" + kafka.topicPrefix(),
                "--store=" + store.toUri(),
                "--data-root=" + folder,
                "--weights-cache=" + folder.resolve("cache"),
                "--http-port=0",
                "--threads=1",
                "--worker-id=" + id));
        arguments.addAll(options);
        Path log = folder.resolve(id + ".log");
        long logStart = Files.exists(log) ? Files.size(log) : 0;
        Process process = JavaProcess.of(TrainerMain.class, "512m", jvm, arguments)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
        return new TrainerProcess(id, process, log, logStart);
    }

    String id() {
        return id;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Whether its log holds a text; what its namesakes before it said does not count. */
    boolean said(String text) {
        try {
            byte[] all = Files.readAllBytes(log);
            return new String(all, (int) logStart, all.length - (int) logStart, UTF_8).contains(text);
        } catch (IOException e) {
            return false;
        }
    }

    /** As kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As kill -STOP: it stands still, with its connections open. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** As kill -CONT. */
    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** As SIGTERM, without waiting. */
    void askToStop() {
        process.destroy();
    }

    /** As SIGTERM; returns the exit code, or fails after the time. */
    int terminate(long seconds) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError(id + " is still running " + seconds + " s after SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
