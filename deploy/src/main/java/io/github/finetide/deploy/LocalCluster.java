package io.github.finetide.deploy;

import io.github.finetide.deploy.local.EmbeddedKafka;
import io.github.finetide.deploy.local.Ports;
import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** Kafka in this process, one trainer and two inference workers in processes of their own. */
final class LocalCluster implements AutoCloseable {
    /** A worker is there in 3 s on an idle machine; the first one also unpacks 430 MB of libtorch. */
    private static final Duration WORKER_START = Duration.ofMinutes(2);

    /** Also keeps a worker that cannot start from being started all the time. */
    private static final Duration RESTART_INTERVAL = Duration.ofSeconds(2);

    private static final short ONE_BROKER = 1;

    /**
     * Where a cluster works.
     *
     * @param port Kafka's; 0 picks a free one
     * @param folder for Kafka's data and the logs
     * @param store the checkpoints
     * @param dataRoots where {@code file:} URIs may point
     * @param allowedHosts where {@code http(s):} URIs may point
     * @param allowedBuckets where {@code s3:} URIs may point
     * @param httpPorts of the trainer and the two inference workers; 0 picks a free one
     */
    record Settings(
            int port,
            Path folder,
            URI store,
            List<Path> dataRoots,
            List<String> allowedHosts,
            List<String> allowedBuckets,
            Path weightsCache,
            List<Integer> httpPorts) {
        Path logs() {
            return folder.resolve("logs");
        }
    }

    private final Settings settings;
    private final EmbeddedKafka broker;
    private final List<WorkerProcess> workers = new ArrayList<>();
    private boolean closed;

    private LocalCluster(Settings settings, EmbeddedKafka broker) {
        this.settings = settings;
        this.broker = broker;
    }

    /** Starts everything; on return every worker answers on its HTTP port. */
    static LocalCluster start(Settings settings, Screen screen) throws IOException, InterruptedException {
        BrokerLog.toFile(settings.logs().resolve("kafka.log"));
        LocalCluster cluster = new LocalCluster(
                settings, EmbeddedKafka.start(settings.port(), settings.folder().resolve("kafka")));
        try {
            cluster.ensureTopics();
            screen.line("Kafka       %s", cluster.broker.bootstrapServers());
            cluster.startWorkers();
            for (WorkerProcess worker : cluster.workers) {
                worker.awaitLive(WORKER_START);
                screen.line("%-11s %s", worker.name(), worker.metrics());
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void ensureTopics() {
        try (Closing<Admin> closing = Closing.of(kafka().admin("finetide"))) {
            Admin admin = closing.client();
            TopicAdmin.ensure(admin, kafka().topics(), ONE_BROKER);
            GroupAdmin.configureTrainerGroup(admin, kafka().topics(), GroupAdmin.RECORD_LOCK);
        }
    }

    private void startWorkers() throws IOException {
        workers.add(start("trainer-1", "trainer", settings.httpPorts().get(0)));
        workers.add(start("inference-1", "inference", settings.httpPorts().get(1)));
        workers.add(start("inference-2", "inference", settings.httpPorts().get(2)));
    }

    private WorkerProcess start(String name, String kind, int httpPort) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                kind,
                "--bootstrap-servers",
                broker.bootstrapServers(),
                "--store",
                settings.store().toString(),
                "--weights-cache",
                settings.weightsCache().toString()));
        settings.dataRoots().forEach(root -> command.addAll(List.of("--data-root", root.toString())));
        settings.allowedHosts().forEach(host -> command.addAll(List.of("--allow-host", host)));
        settings.allowedBuckets().forEach(bucket -> command.addAll(List.of("--allow-bucket", bucket)));
        return WorkerProcess.start(name, httpPort == 0 ? Ports.reserve() : httpPort, settings.logs(), command);
    }

    KafkaSettings kafka() {
        return new KafkaSettings(broker.bootstrapServers(), "", Map.of());
    }

    WorkerProcess trainer() {
        return workers.get(0);
    }

    List<WorkerProcess> workers() {
        return List.copyOf(workers);
    }

    /** Starts workers again that have ended, and says so; until this is closed. */
    void supervise(Screen screen) throws IOException, InterruptedException {
        while (restartEnded(screen)) {
            Thread.sleep(RESTART_INTERVAL.toMillis());
        }
    }

    private synchronized boolean restartEnded(Screen screen) throws IOException {
        for (int i = 0; i < workers.size() && !closed; i++) {
            WorkerProcess worker = workers.get(i);
            if (!worker.isAlive()) {
                screen.line("%s ended with %s; started again (log: %s)", worker.name(), worker.ending(), worker.log());
                workers.set(i, start(worker.name(), worker.kind(), worker.httpPort()));
            }
        }
        return !closed;
    }

    @Override
    public synchronized void close() {
        closed = true;
        workers.forEach(WorkerProcess::stop);
        workers.forEach(WorkerProcess::close);
        broker.close();
    }
}
