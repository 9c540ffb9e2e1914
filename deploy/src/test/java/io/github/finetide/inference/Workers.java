package io.github.finetide.inference;

import static org.awaitility.Awaitility.await;

import ai.djl.Device;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.inference.model.CheckpointLoader;
import io.github.finetide.inference.model.PrecisionChoice;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.Precision;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.Health;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.tracing.Tracing;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Inference workers in this JVM, ready when they are started and stopped with this. */
public final class Workers {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final KafkaSettings kafka;
    private final Path folder;
    private final Tracing tracing;
    private final List<Running> running = new ArrayList<>();

    /** None yet. */
    public Workers(KafkaSettings kafka, Path folder) {
        this(kafka, folder, Tracing.OFF);
    }

    Workers(KafkaSettings kafka, Path folder, Tracing tracing) {
        this.kafka = kafka;
        this.folder = folder;
        this.tracing = tracing;
    }

    /** One worker with what belongs to it. */
    public static final class Running {
        private final InferenceWorker worker;
        private final Health health = new Health();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        Running(InferenceWorker worker) {
            this.worker = worker;
            worker.register(health);
            this.thread = new Thread(this::run, "worker");
            thread.start();
        }

        private void run() {
            try {
                worker.run();
            } catch (InterruptedException | RuntimeException why) {
                failure.set(why);
            }
        }

        public Health health() {
            return health;
        }

        /** Stops it as SIGTERM does; returns what it failed with. */
        @Nullable Throwable stop() throws InterruptedException {
            worker.stop();
            thread.join(PATIENCE.toMillis());
            return thread.isAlive() ? new IllegalStateException("still runs") : failure.get();
        }
    }

    Running start(String id) {
        Running worker = begin(id);
        await().atMost(PATIENCE).until(() -> worker.health.notReady().isEmpty());
        return worker;
    }

    /** Does not wait until it is ready. */
    public Running begin(String id) {
        Checkpoints checkpoints = checkpoints(folder, id);
        PrecisionChoice precisions = new PrecisionChoice(Precision.FP32, Set.of());
        CheckpointLoader loader = new CheckpointLoader(checkpoints, precisions, Device.cpu(), 4);
        InferenceSettings settings =
                new InferenceSettings(4, Duration.ofMillis(5), 2, Precision.FP32, Set.of(), 1L << 30);
        ImageSources images = ImageSources.open(List.of(folder), List.of());
        Running worker = new Running(new InferenceWorker(id, settings, kafka, images, loader, new Metrics(), tracing));
        running.add(worker);
        return worker;
    }

    static Checkpoints checkpoints(Path folder, String owner) {
        return Checkpoints.open(folder.resolve("store").toUri(), owner, folder.resolve("cache"));
    }

    public void stopAll() throws InterruptedException {
        for (Running worker : running) {
            worker.stop();
        }
    }
}
