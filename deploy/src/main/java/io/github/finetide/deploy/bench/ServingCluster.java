package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.BrokerLog;
import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.WorkerProcess;
import io.github.finetide.deploy.local.EmbeddedKafka;
import io.github.finetide.deploy.local.Ports;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Kafka in this process, and inference workers in processes of their own. */
final class ServingCluster implements AutoCloseable {
    private static final short ONE_BROKER = 1;

    /** A worker joins its group within seconds and loads a ResNet152 in a few more. */
    private static final Duration WORKER_START = Duration.ofMinutes(2);

    private static final Duration PROBE = Duration.ofMillis(200);

    private final BenchSite site;
    private final EmbeddedKafka broker;
    private final KafkaSettings kafka;
    private final List<WorkerProcess> workers = new ArrayList<>();

    private ServingCluster(BenchSite site, EmbeddedKafka broker) {
        this.site = site;
        this.broker = broker;
        this.kafka = new KafkaSettings(broker.bootstrapServers(), "", Map.of());
    }

    static ServingCluster start(BenchSite site) throws IOException {
        BrokerLog.toFile(site.logs().resolve("kafka.log"));
        ServingCluster cluster =
                new ServingCluster(site, EmbeddedKafka.start(0, site.folder().resolve("kafka")));
        try (Admin admin = cluster.kafka.admin("bench")) {
            TopicAdmin.ensure(admin, cluster.kafka.topics(), ONE_BROKER);
        } catch (RuntimeException failed) {
            cluster.close();
            throw failed;
        }
        return cluster;
    }

    KafkaSettings kafka() {
        return kafka;
    }

    Traffic traffic(List<Path> images) {
        return traffic(images, List.of(BenchJob.MODEL));
    }

    Traffic traffic(List<Path> images, List<String> models) {
        return new Traffic(kafka, images, models);
    }

    void release(ModelRelease release) {
        try (Producer<byte[], byte[]> producer = kafka.producer("bench-releases")) {
            producer.send(EventRecords.of(kafka.topics().modelReleases(), release, "bench", null))
                    .get();
        } catch (ExecutionException failed) {
            throw new CommandFailure("Kafka did not take a release: " + failed.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        }
    }

    /**
     * Starts an inference worker; on return it answers on its HTTP port.
     *
     * @param environment empty for a worker that is alone
     */
    WorkerProcess serve(String name, Map<String, String> environment, List<String> options)
            throws IOException, InterruptedException {
        return live(WorkerProcess.start(name, Ports.reserve(), site.logs(), environment, command(options)));
    }

    /** Starts an inference worker that has one processor and no other; on return it answers on its HTTP port. */
    WorkerProcess servePinned(String name, int processor, List<String> options)
            throws IOException, InterruptedException {
        return live(WorkerProcess.startPinned(name, Ports.reserve(), site.logs(), processor, command(options)));
    }

    private WorkerProcess live(WorkerProcess worker) throws IOException, InterruptedException {
        workers.add(worker);
        worker.awaitLive(WORKER_START);
        return worker;
    }

    private List<String> command(List<String> options) {
        List<String> command = new ArrayList<>(List.of(
                "inference",
                "--bootstrap-servers",
                kafka.bootstrapServers(),
                "--store",
                site.store().toUri().toString(),
                "--data-root",
                site.folder().toString(),
                "--weights-cache",
                site.cache().toString()));
        command.addAll(options);
        return command;
    }

    /** Waits until every worker serves the version. */
    void awaitVersion(String version) throws IOException, InterruptedException {
        for (WorkerProcess worker : workers) {
            worker.awaitMetric("version=\"" + version + "\"", WORKER_START);
        }
    }

    /** Waits until every worker has a part of the requests. */
    void awaitShares() throws InterruptedException {
        String group = kafka.topics().inferenceGroup();
        long deadline = System.nanoTime() + WORKER_START.toNanos();
        try (Admin admin = kafka.admin("bench-shares")) {
            while (sharing(admin, group) != workers.size()) {
                if (System.nanoTime() > deadline) {
                    throw new CommandFailure("the workers do not share the requests");
                }
                Traffic.idle(PROBE);
            }
        }
    }

    private static long sharing(Admin admin, String group) throws InterruptedException {
        try {
            return admin.describeConsumerGroups(List.of(group)).all().get().values().stream()
                    .flatMap(described -> described.members().stream())
                    .filter(member -> !member.assignment().topicPartitions().isEmpty())
                    .count();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof GroupIdNotFoundException) {
                return 0; // nobody has joined yet
            }
            throw new CommandFailure("Kafka does not report who is in " + group + ": " + failed.getCause());
        }
    }

    void stop(WorkerProcess worker) {
        worker.close();
        workers.remove(worker);
    }

    void stopWorkers() {
        workers.forEach(WorkerProcess::close);
        workers.clear();
    }

    @Override
    public void close() {
        stopWorkers();
        broker.close();
    }
}
