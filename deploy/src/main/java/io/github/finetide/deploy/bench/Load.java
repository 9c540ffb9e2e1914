package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.EventTail;
import io.github.finetide.deploy.Screen;
import io.github.finetide.deploy.WorkerProcess;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Three workers under load, of which one after the other is killed and started again. Every request must have one
 * result in the end, no less and no more. A small network: this is about what moves around it.
 */
final class Load {
    static final int REQUESTS = 20_000;

    private static final int WORKERS = 3;
    private static final int KILLS = 6;

    /** Requests without a result at any time; the workers together have some hundreds in hand. */
    private static final int MOST_OPEN = 2_000;

    /** A killed worker is missed by its group after 45 s with Kafka's defaults. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final String SMALL = ", \"network\": \"resnet50\", \"imageSize\": 64";

    /** As a small worker would be, so that three of them fit two cores. */
    private static final List<String> OPTIONS = List.of("--threads", "1");

    private final BenchSite site;
    private final LoadTally tally;
    private final int requests;
    private final Screen screen;

    Load(BenchSite site, int requests, Screen screen) {
        this.site = site;
        this.requests = requests;
        this.screen = screen;
        this.tally = new LoadTally(requests);
    }

    void run(BenchImages photos) throws IOException, InterruptedException {
        screen.line("Training a small network ...");
        ModelRelease release = ServedModel.train(site, photos, "bench-small", "frozen", SMALL);
        try (ServingCluster cluster = ServingCluster.start(site)) {
            cluster.release(release);
            List<WorkerProcess> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                workers.add(cluster.serve("load-" + i, WorkerProcess.SHARED_MACHINE, OPTIONS));
            }
            cluster.awaitVersion(release.version());
            try (Producer<byte[], byte[]> producer = cluster.kafka().producer("bench-load");
                    EventTail results = EventTail.fromNow(
                            cluster.kafka(),
                            Map.of(cluster.kafka().topics().classificationResults(), ClassificationResult.class))) {
                send(cluster, workers, producer, results, photos.files());
            }
        }
        tally.requireEachOnce();
    }

    private void send(
            ServingCluster cluster,
            List<WorkerProcess> workers,
            Producer<byte[], byte[]> producer,
            EventTail results,
            List<Path> photos)
            throws IOException, InterruptedException {
        String topic = cluster.kafka().topics().classificationRequests();
        long began = System.nanoTime();
        long lastResult = began;
        int sent = 0;
        int kills = 0;
        while (tally.answered() < requests) {
            while (sent < requests && sent - tally.answered() < MOST_OPEN) {
                produce(producer, topic, sent, photos.get(sent % photos.size()));
                sent++;
            }
            for (var event : results.poll(POLL)) {
                tally.add((ClassificationResult) event);
                lastResult = System.nanoTime();
            }
            if (tally.answered() > (kills + 1) * requests / (KILLS + 1) && kills < KILLS) {
                screen.line(
                        "%6.0f s  %6d answered, worker %d is killed",
                        (System.nanoTime() - began) / 1e9, tally.answered(), kills % WORKERS);
                int victim = kills++ % WORKERS;
                workers.get(victim).kill();
                workers.set(victim, cluster.serve("load-" + victim, WorkerProcess.SHARED_MACHINE, OPTIONS));
            }
            if (System.nanoTime() - lastResult > PATIENCE.toNanos()) {
                throw new CommandFailure("%d of %d requests were answered, and then none for %d s"
                        .formatted(tally.answered(), requests, PATIENCE.toSeconds()));
            }
        }
        results.poll(POLL).forEach(event -> tally.add((ClassificationResult) event));
        screen.line("%6.0f s  %s", (System.nanoTime() - began) / 1e9, tally);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // one that is not sent has no result
    private static void produce(Producer<byte[], byte[]> producer, String topic, int number, Path image) {
        String id = LoadTally.id(number);
        ClassificationRequest request = new ClassificationRequest(id, image.toUri(), BenchJob.MODEL, null, 1, null);
        producer.send(new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), Json.write(request)));
    }
}
