package io.github.finetide.deploy;

import io.github.finetide.deploy.local.Ports;
import io.github.finetide.inference.InferenceMain;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.runtime.NativeSettings;
import io.github.finetide.trainer.TrainerMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Workers in processes of their own, whose {@code /metrics} are at known ports. */
final class ScrapedWorkers implements AutoCloseable {
    private final Path folder;
    private final List<Worker> workers = new ArrayList<>();

    /** @param folder of images, store and logs */
    ScrapedWorkers(Path folder) {
        this.folder = folder;
    }

    /** One of them. */
    record Worker(Process process, int port) {
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        /** As kill -STOP: it stands still, with its connections open. */
        void freeze() throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-STOP", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    Worker trainer(KafkaSettings kafka, String id) throws IOException {
        return start(TrainerMain.class, kafka, id);
    }

    Worker inference(KafkaSettings kafka, String id) throws IOException {
        return start(InferenceMain.class, kafka, id, "--allow-host=127.0.0.1", "--max-batch=4");
    }

    private Worker start(Class<?> main, KafkaSettings kafka, String id, String... more) throws IOException {
        int port = Ports.reserve();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dlogback.configurationFile=logback.xml", // the worker's own, not that of the tests
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName(),
                "--bootstrap-servers=" + kafka.bootstrapServers(),
                "--topic-prefix=" + kafka.topicPrefix(),
                "--store=" + folder.resolve("store").toUri(),
                "--data-root=" + folder,
                "--weights-cache=" + folder.resolve("cache"),
                "--http-port=" + port,
                "--threads=1",
                "--worker-id=" + id));
        command.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(NativeSettings.ALLOCATOR);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(folder.resolve(id + ".log").toFile())
                .start();
        Worker worker = new Worker(process, port);
        workers.add(worker);
        return worker;
    }

    @Override
    public void close() {
        workers.forEach(worker -> worker.process().destroyForcibly());
    }
}
