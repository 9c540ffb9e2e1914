package io.github.finetide.inference;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.inference.model.ModelCatalog;
import io.github.finetide.inference.model.ModelLoader;
import io.github.finetide.inference.model.ModelMemory;
import io.github.finetide.inference.pipeline.BatchKey;
import io.github.finetide.inference.pipeline.BatchRunner;
import io.github.finetide.inference.pipeline.Batcher;
import io.github.finetide.inference.pipeline.Preparation;
import io.github.finetide.inference.pipeline.PreparationLimits;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.inference.pipeline.SafeImaging;
import io.github.finetide.inference.requests.AdminGroupOffsets;
import io.github.finetide.inference.requests.AssignedPartitions;
import io.github.finetide.inference.requests.Disagreements;
import io.github.finetide.inference.requests.FreshPartitions;
import io.github.finetide.inference.requests.GroupMembership;
import io.github.finetide.inference.requests.InFlight;
import io.github.finetide.inference.requests.Intake;
import io.github.finetide.inference.requests.OutputTopics;
import io.github.finetide.inference.requests.PartitionOwnership;
import io.github.finetide.inference.requests.PollRecovery;
import io.github.finetide.inference.requests.Publisher;
import io.github.finetide.inference.requests.ReleaseFollower;
import io.github.finetide.inference.requests.RequestLoop;
import io.github.finetide.inference.requests.RequestsLag;
import io.github.finetide.inference.requests.RequestsTopic;
import io.github.finetide.inference.requests.ResultProducer;
import io.github.finetide.inference.requests.ResultQueue;
import io.github.finetide.inference.requests.ResultRecords;
import io.github.finetide.inference.requests.ResultWriter;
import io.github.finetide.kafka.ClusterWatch;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.Periodic;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import io.github.finetide.kafka.Twins;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.Health;
import io.github.finetide.runtime.RetryPolicy;
import io.github.finetide.runtime.Threads;
import io.github.finetide.tracing.Tracing;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One inference worker: poll, fetch and decode, batch, network, publish, each ahead of the next on
 * threads of its own.
 */
final class InferenceWorker {
    /** Of keys and values in flight: as much again as one poll may bring. */
    private static final long BYTES_IN_FLIGHT = 16L << 20;

    /**
     * Requests that wait for sources that are away, or for a model: a few hundred bytes each, and given up after 45 s.
     * So 2,000 let 40 of them come a second before the others wait too.
     */
    private static final int MOST_ASIDE = 2_000;

    /** For what is decoded to pass the network; the rest is left to the other workers. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    /** A release that cannot be had now is looked for again at this pace, for as long as it is the newest. */
    private static final RetryPolicy LOAD_RETRIES =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofDays(1));

    private static final Duration LOOK = Duration.ofMillis(50);

    private static final Logger log = LoggerFactory.getLogger(InferenceWorker.class);

    private final Threads fetchers;
    private final Threads loads = new Threads("models", 1);
    private final Threads disagreeing = new Threads("disagreements", 1);
    private final Disagreements disagreements;
    private final Batcher<BatchKey, Prepared> batcher;
    private final ModelMemory memory;
    private final ModelCatalog catalog;
    private final ReleaseFollower releases;
    private final Preparation preparation;
    private final Publisher publisher;
    private final AdminGroupOffsets offsets;
    private final ClusterWatch cluster;
    private final RequestsLag lag;
    private final Periodic topicLooks;
    private final Set<String> wanted;
    private final GroupMembership membership;
    private final Metrics metrics;
    private @Nullable AutoCloseable memberMetrics;
    private final BatchRunner runner;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    InferenceWorker(
            String workerId,
            InferenceSettings settings,
            KafkaSettings kafka,
            ImageFetcher images,
            ModelLoader loader,
            Metrics metrics,
            Tracing tracing) {
        wanted = settings.models();
        this.metrics = metrics;
        InstantSource clock = InstantSource.system();
        Telemetry telemetry = new Telemetry(metrics, clock);
        InFlight inFlight =
                new InFlight(settings.mostInFlight(), MOST_ASIDE, BYTES_IN_FLIGHT, this::aside, telemetry::inFlight);
        AtomicReference<AssignedPartitions> ownership = new AtomicReference<>(AssignedPartitions.NONE);
        Admin admin = kafka.admin(workerId + "-offsets");
        metrics.bind(admin);
        offsets = new AdminGroupOffsets(admin, kafka.topics().inferenceGroup());
        long heapBytes = Runtime.getRuntime().maxMemory();
        PreparationLimits limits = PreparationLimits.of(settings.decodeThreads(), heapBytes, settings.limits());

        fetchers = new Threads("fetch", limits.fetchThreads());
        batcher = new Batcher<>(settings.maxBatch(), settings.batchWait(), System::nanoTime);
        memory = new ModelMemory(settings.modelMemoryBytes(), loader, loads, telemetry, System::nanoTime);
        catalog = new ModelCatalog(memory, loader, loads, LOAD_RETRIES, telemetry);
        releases = new ReleaseFollower(
                kafka.reader(workerId + "-releases"),
                kafka.topics().modelReleases(),
                () -> TopicAdmin.id(admin, kafka.topics().modelReleases()),
                settings.models(),
                catalog);
        ResultQueue queue = new ResultQueue(
                new ResultRecords(kafka.topics().classificationResults(), workerId),
                new OutputTopics(offsets::topicId, System::nanoTime),
                tracing.isOn() ? new RequestSpans(telemetry, tracing, clock) : telemetry);
        ResultProducer producer = new ResultProducer(() -> producer(kafka, workerId), metrics::bind);
        String requests = kafka.topics().classificationRequests();
        RequestsTopic topic = new RequestsTopic(requests, () -> offsets.topicId(requests), producer::giveUp);
        topicLooks = new Periodic("requests-topic", RequestsTopic.PERIOD, topic::look);
        topicLooks.start();
        publisher = new Publisher(producer, queue, ownership, topic, System::nanoTime);
        ResultWriter results = new ResultWriter(workerId, clock, settings.minConfidence(), publisher::submit);
        SafeImaging imaging = new SafeImaging(images, BoundedDecoder.of(settings.limits(), heapBytes));
        preparation = new Preparation(catalog, imaging, limits, fetchers, batcher, clock);
        disagreements = new Disagreements(
                kafka.topics().classificationDisagreements(),
                workerId,
                () -> kafka.producer(workerId + "-disagreements"),
                disagreeing,
                clock);
        runner = new BatchRunner(batcher, limits.prepared(), clock, telemetry::batch, catalog.shadows(), comparison -> {
            telemetry.compared(comparison);
            disagreements.compared(comparison);
        });
        Intake intake = new Intake(inFlight, settings.recordsPerPoll(), preparation::accept, results, clock);
        Twins twins = new Twins(admin, kafka.topics().inferenceGroup(), workerId + "-requests", clock);
        cluster = ClusterWatch.start(kafka, admin, needs(kafka.topics()), twins::problem);
        lag = RequestsLag.start(
                admin, kafka.topics().classificationRequests(), kafka.topics().inferenceGroup());
        telemetry.requestsLag(lag::last);
        telemetry.resultsWaiting(publisher::waiting);
        telemetry.noneGivenUpYet(kafka.topics().classificationResults());
        telemetry.noneGivenUpYet(Topics.deadLetters(requests));
        metrics.noDeadLettersYet(kafka.topics().classificationRequests());
        membership = new GroupMembership(() -> {
            Consumer<byte[], byte[]> consumer = consumer(kafka, workerId, settings.recordsPerPoll());
            return new RequestLoop(
                    consumer,
                    topic,
                    intake,
                    new PartitionOwnership(
                            consumer, topic, publisher, ownership, new FreshPartitions(offsets, System::nanoTime)),
                    new PollRecovery(() -> kafka.readerOfSingles(workerId + "-recovery")));
        });
    }

    /** One transactional id a worker: started again under its id, it ends what it left open. */
    private static Producer<byte[], byte[]> producer(KafkaSettings kafka, String workerId) {
        return kafka.transactionalProducer(workerId + "-results", kafka.topics().inferenceTransactions(workerId));
    }

    /** Shows the metrics of the newest consumer only. */
    private Consumer<byte[], byte[]> consumer(KafkaSettings kafka, String workerId, int recordsPerPoll) {
        Consumer<byte[], byte[]> consumer =
                kafka.consumer(workerId + "-requests", kafka.topics().inferenceGroup(), recordsPerPoll);
        try {
            if (memberMetrics != null) {
                memberMetrics.close();
            }
        } catch (Exception odd) {
            log.debug("Metrics of the former consumer stay", odd);
        }
        memberMetrics = metrics.bind(consumer);
        return consumer;
    }

    private static List<ClusterWatch.Need> needs(Topics topics) {
        return List.of(
                ClusterWatch.Need.toRead(topics.classificationRequests()),
                ClusterWatch.Need.toWrite(topics.classificationResults()),
                ClusterWatch.Need.toWrite(Topics.deadLetters(topics.classificationRequests())),
                ClusterWatch.Need.toRead(topics.modelReleases()).ofOnePartition());
    }

    private int aside() {
        return preparation.aside() + publisher.waiting();
    }

    void register(Health health) {
        health.live("threads", () -> failure.get() == null ? null : "failed: " + failure.get());
        health.live("network", runner::problem);
        health.live("fetch", fetchers::problem);
        health.live("models", loads::problem);
        health.live("loading", memory::problem);
        health.live("requests", membership::stuck);
        health.ready("kafka", cluster::problem);
        health.ready("releases", releases::problem);
        health.ready("models", () -> catalog.problem(wanted));
        health.ready("group", membership::problem);
        health.ready("results", publisher::problem);
    }

    /** Works until {@link #stop()}; throws what made it fail. */
    void run() throws InterruptedException {
        Thread follower = start("releases", this::followReleases);
        Thread publishing = start("publish", publisher);
        Thread network = start("network", runner);
        try {
            if (modelsAreLoaded()) {
                log.atInfo().addKeyValue("models", catalog.serving()).log("Serving");
                membership.run();
            }
        } finally {
            stopRequested.countDown();
            finish(network, publishing);
            releases.stop();
            follower.join(STOP_LIMIT.toMillis());
        }
        rethrow();
    }

    /** Once the topics are there: Kafka's consumer logs ten lines a second about one that is not. */
    private void followReleases() {
        try {
            while (cluster.problem() != null) {
                if (stopRequested.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            releases.run();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** From any thread: takes no more, answers what is decoded, and leaves. */
    void stop() {
        stopRequested.countDown();
        membership.stop();
    }

    /** Until then requests are left to workers that have the models: this one would answer that it knows none. */
    private boolean modelsAreLoaded() throws InterruptedException {
        while (!releases.isCaughtUp() || !catalog.isComplete(wanted)) {
            if (stopRequested.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
        return stopRequested.getCount() > 0;
    }

    private void finish(Thread network, Thread publishing) throws InterruptedException {
        preparation.stop();
        fetchers.end(STOP_LIMIT);
        batcher.close();
        network.join(STOP_LIMIT.toMillis());
        publisher.stop();
        endPublishing(publishing);
        membership.leave();
        lag.close();
        topicLooks.close();
        cluster.close();
        offsets.close();
        publisher.close();
        network.join(STOP_LIMIT.toMillis());
        if (!network.isAlive()) { // else what it computes with stays; the process ends anyway
            catalog.close();
            loads.end(STOP_LIMIT);
        }
        disagreeing.end(Duration.ZERO);
        disagreements.close();
    }

    /** A commit may wait for a broker that is away; another worker answers these requests then. */
    private static void endPublishing(Thread publishing) throws InterruptedException {
        publishing.join(STOP_LIMIT.toMillis());
        if (publishing.isAlive()) {
            log.warn("Last results cannot be committed: other workers answer these requests");
            publishing.interrupt();
            publishing.join(STOP_LIMIT.toMillis());
        }
    }

    private Thread start(String name, Runnable task) {
        Thread thread = Threads.daemon(name, () -> {
            try {
                task.run();
                if (stopRequested.getCount() > 0) {
                    throw new IllegalStateException("the thread ended while the worker was running");
                }
            } catch (RuntimeException | Error why) {
                log.atError().setCause(why).addKeyValue("thread", name).log("Thread failed");
                failure.compareAndSet(null, why);
                stop();
            }
        });
        thread.start();
        return thread;
    }

    private void rethrow() {
        Throwable why = failure.get();
        if (why != null) {
            throw new IllegalStateException("a thread of the worker failed: " + why, why);
        }
    }
}
