package io.github.finetide.deploy;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.runtime.NativeSettings;
import io.github.finetide.trainer.TrainerMain;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A trainer in a process of its own, to be killed in earnest. */
final class TrainerProcess implements AutoCloseable {
    private final Process process;

    private TrainerProcess(Process process) {
        this.process = process;
    }

    /** Starts a trainer that reads images below the folder, and writes its log there. */
    static TrainerProcess start(KafkaFixture kafka, Path folder, String id) throws IOException {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        ProcessBuilder builder = new ProcessBuilder(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                TrainerMain.class.getName(),
                "--bootstrap-servers=" + kafka.bootstrapServers(),
                "--topic-prefix=" + kafka.topicPrefix(),
                "--store=" + folder.resolve("store").toUri(),
                "--data-root=" + folder,
                "--weights-cache=" + folder.resolve("cache"),
                "--http-port=0",
                "--threads=1",
                "--worker-id=" + id));
        builder.environment().putAll(NativeSettings.ALLOCATOR);
        File log = folder.resolve(id + ".log").toFile();
        return new TrainerProcess(
                builder.redirectErrorStream(true).redirectOutput(log).start());
    }

    /** As kill -9. */
    void kill() {
        process.destroyForcibly();
    }

    /** As SIGTERM; returns the exit code, or fails after the time. */
    int terminate(long seconds) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            throw new AssertionError("still running " + seconds + " s after SIGTERM");
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
