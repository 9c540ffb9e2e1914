package io.github.finetide.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.Ports;
import io.github.finetide.inference.ChaosRequests.Sent;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.message.ModelRelease;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that can happen to processes happens to a fleet and its broker while requests flow; a reader of
 * committed results sees exactly one for each request, and the right one. Longer:
 * {@code -Dfinetide.chaos.requests=20000 -Dfinetide.chaos.rounds=4}; the same again:
 * {@code -Dfinetide.chaos.seed=...} (what the machine does meanwhile still differs).
 */
class ChaosInferenceIT {
    private static final long SEED = Long.getLong("finetide.chaos.seed", System.nanoTime());
    private static final int REQUESTS = Integer.getInteger("finetide.chaos.requests", 3_000);
    private static final int ROUNDS = Integer.getInteger("finetide.chaos.rounds", 1);
    private static final int WORKERS = 2;
    /**
     * For one result after the other: a frozen worker loses its partitions after 6 s, a transaction that its owner left
     * open ends after 20 s, and a request whose host is away is given up after 45 s and two tries of 10 s.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    /** So long after a release, no request that is sent gets an older version; a worker reads releases in order. */
    private static final Duration SWAP_LIMIT = Duration.ofSeconds(30);

    private enum Event {
        KILL,
        KILL_AGAIN,
        FREEZE_PAST_SESSION,
        FREEZE_BRIEFLY,
        JOIN,
        LEAVE,
        KILL_BROKER,
        RESTART_BROKER,
        RELEASE,
        RELEASE_BAD,
        ROLL_BACK
    }

    /** Requests of one event, so many that it falls among them. */
    private static final int FLOW = REQUESTS / (ROUNDS * (Event.values().length + 2));

    private record Released(String version, Instant at) {}

    private final Random random = new Random(SEED);
    private final Map<String, Sent> sent = new HashMap<>();
    private final Map<String, Instant> sentAt = new HashMap<>();
    private final List<Released> dishes = new ArrayList<>();

    /** Kept after a failure: the logs are there. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path temporary;

    private BrokerProcess broker;
    private KafkaSettings kafka;
    private ChaosFleet fleet;
    private ChaosRequests requests;
    private ChaosResults results;
    private StoredModels models;
    private Producer<byte[], byte[]> producer;
    private int version = 1;

    @SuppressWarnings("NullAway.Init")
    ChaosInferenceIT() {}

    @Test
    @Timeout(value = 60, unit = TimeUnit.MINUTES)
    void everyRequestIsAnsweredOnceAndRightly() throws Exception {
        System.out.println("finetide.chaos.seed=" + SEED + ", logs in " + temporary);
        for (Event event : program()) {
            int before = results.count();
            flow(FLOW);
            results.awaitCount(before + random.nextInt(FLOW / 2));
            happen(event);
        }
        results.awaitAll(sent.keySet());
        assertRight();
        fleet.allLeave();
        assertNothingIsLeft();
    }

    @BeforeEach
    void open() throws Exception {
        Path folder = temporary.toRealPath();
        broker = new BrokerProcess(Ports.reserve(), Files.createDirectory(folder.resolve("kafka")));
        kafka = new KafkaSettings(broker.bootstrapServers(), "", Map.of());
        fleet = new ChaosFleet(folder, options(folder));
        await().atMost(PATIENCE).ignoreExceptions().until(this::topicsAreThere);
        requests = new ChaosRequests(SEED, folder, Ports.reserve());
        results = new ChaosResults(kafka, PATIENCE, fleet::requireAlive);
        producer = kafka.producer("test");
        models = new StoredModels(Workers.checkpoints(folder, "test"), folder);
        releaseDishes(models.put("dishes", "first", version, 11, 0));
        release(models.put("birds", "second", 1, 12, 0));
        for (int i = 0; i < WORKERS; i++) {
            fleet.join();
        }
    }

    @AfterEach
    void close() {
        producer.close(Duration.ZERO);
        results.close();
        requests.close();
        fleet.close();
        broker.close();
    }

    private List<String> options(Path folder) {
        return List.of(
                "--bootstrap-servers=" + broker.bootstrapServers(),
                "--store=" + folder.resolve("store").toUri(),
                "--weights-cache=" + folder.resolve("cache"),
                "--data-root=" + folder,
                "--allow-host=127.0.0.1",
                "--threads=1",
                "--max-batch=8",
                "--batch-wait=5ms",
                "--decode-threads=1");
    }

    private boolean topicsAreThere() {
        try (Admin admin = kafka.admin("test")) {
            TopicAdmin.ensure(admin, kafka.topics(), (short) 1);
            return true;
        }
    }

    private List<Event> program() {
        List<Event> program = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            List<Event> round = new ArrayList<>(List.of(Event.values()));
            Collections.shuffle(round, random);
            program.addAll(round);
        }
        return program;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a request that is not sent is missed in the end
    private void flow(int count) {
        for (int i = 0; i < count; i++) {
            Sent request = requests.next();
            sent.put(request.id(), request);
            sentAt.put(request.id(), Instant.now());
            producer.send(new ProducerRecord<>(
                    kafka.topics().classificationRequests(),
                    request.id().getBytes(UTF_8),
                    request.value().getBytes(UTF_8)));
        }
    }

    private void happen(Event event) throws Exception {
        System.out.printf("%s after %d of %d results%n", event, results.count(), sent.size());
        fleet.requireAlive();
        String victim = fleet.ids().get(random.nextInt(fleet.ids().size()));
        switch (event) {
            case KILL, KILL_AGAIN -> fleet.killAndRestart(victim);
            case FREEZE_PAST_SESSION -> freeze(victim, true);
            case FREEZE_BRIEFLY -> freeze(victim, false);
            case JOIN -> fleet.join();
            case LEAVE -> {
                fleet.join();
                fleet.leave(victim);
            }
            case KILL_BROKER -> broker.killAndRestart();
            case RESTART_BROKER -> broker.restart();
            case RELEASE -> releaseDishes(models.put("dishes", "first", ++version, 11 + version, 0));
            case RELEASE_BAD -> release(models.put("dishes", "broken", ++version, 11 + version, 0.01f));
            case ROLL_BACK -> releaseDishes(models.put("dishes", "first", 1, 11, 0));
        }
    }

    /** What the frozen worker held is answered by the others, and then the worker wakes up with it in its hands. */
    private void freeze(String victim, boolean pastSession) throws Exception {
        flow(FLOW);
        fleet.freeze(victim);
        try {
            if (pastSession) {
                results.awaitAll(answeredSoon());
            } else {
                results.awaitCount((int) (0.8 * sent.size()));
            }
        } finally {
            fleet.thaw(victim);
        }
    }

    /** What is retried for most of a minute is not waited for. */
    private Set<String> answeredSoon() {
        return sent.values().stream()
                .filter(request -> !request.outcome().equals("unavailable"))
                .map(Sent::id)
                .collect(Collectors.toSet());
    }

    private void releaseDishes(ModelRelease release) throws Exception {
        release(release);
        dishes.add(new Released(release.version(), Instant.now()));
    }

    private void release(ModelRelease release) throws Exception {
        producer.send(EventRecords.of(kafka.topics().modelReleases(), release, "test", null))
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void assertRight() {
        sent.values().forEach(request -> {
            assertThat(results.outcomes(request.id())).as(request.value()).containsExactly(request.outcome());
            if (request.outcome().equals(ChaosRequests.CLASSIFIED)) {
                assertThat(results.version(request.id())).as(request.value()).isIn(allowed(request));
            }
            boolean isDead = !List.of(ChaosRequests.CLASSIFIED, "expired").contains(request.outcome());
            assertThat(results.deadLetters(request.id()))
                    .as("dead letters of " + request.value())
                    .isEqualTo(isDead ? List.of(request.outcome()) : List.of());
        });
    }

    /** The version that was released last before the request was sent, with time for the swap, or a later one. */
    private List<String> allowed(Sent request) {
        if (request.model().equals("birds")) {
            return List.of("second@1");
        }
        Instant settled = sentAt.getOrDefault(request.id(), Instant.EPOCH).minus(SWAP_LIMIT);
        int first = 0;
        while (first + 1 < dishes.size() && dishes.get(first + 1).at().isBefore(settled)) {
            first++;
        }
        return dishes.subList(first, dishes.size()).stream()
                .map(Released::version)
                .toList();
    }

    private void assertNothingIsLeft() throws Exception {
        results.readToTheEnd();
        assertThat(results.total()).as("results of all requests").isEqualTo(sent.size());
        try (Admin admin = kafka.admin("test")) {
            assertThat(ChaosResults.lag(admin, kafka.topics().inferenceGroup())).isZero();
        }
    }
}
