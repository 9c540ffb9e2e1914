package io.github.finetide.inference;

import io.github.finetide.inference.requests.PublicationListener;
import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.metrics.Buckets;
import io.github.finetide.metrics.Labels;
import io.github.finetide.metrics.Metrics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The {@code finetide_classification*} and {@code finetide_model_*} metrics of an inference worker. */
public final class InferenceMetrics {
    /** Images. */
    private static final double[] BATCH_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    /** Seconds: fetch, load, warm up and check a model. */
    private static final double[] LOAD_BUCKETS = {0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};
    /** Seconds: a phase of one request; fine where users set alerts. */
    private static final double[] CLASSIFICATION_BUCKETS = {
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
    };

    /** What a request spends its time on; TOTAL is from being produced to being answered. */
    public enum Phase {
        QUEUE,
        FETCH,
        DECODE,
        WAIT,
        INFERENCE,
        TOTAL
    }

    /** The outcome of a request that was answered with predictions; others have their error kind. */
    public static final String CLASSIFIED = "classified";

    /** A calibrated probability; fine where thresholds lie. */
    private static final double[] CONFIDENCE_BUCKETS = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1};

    private static final String CLASSIFICATIONS = "finetide.classifications";
    private static final String CONFIDENCE = "finetide.classification.confidence";
    private static final String ABSTAINED = "finetide.abstained";
    private static final String SHADOW = "finetide.shadow";
    private static final String DRIFT = "finetide.drift.psi";
    /** Metrics by model and version. */
    private static final Set<String> OF_VERSIONS = Set.of(CLASSIFICATIONS, CONFIDENCE, ABSTAINED, DRIFT, SHADOW);

    private final PrometheusMeterRegistry registry;
    private final Labels models = new Labels(Labels.MAX_MODELS);
    private final Labels versions = new Labels(Labels.MAX_VERSIONS);
    private final Map<Phase, Timer> phases = new EnumMap<>(Phase.class);
    private final Map<String, Gauge> infos = new ConcurrentHashMap<>();
    private final Map<String, AnswerDrift> drifts = new ConcurrentHashMap<>();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final DistributionSummary batchSizes;
    private final Timer loads;

    /** Registers everything that has no label of the user's choice, so that it is there from the first scrape. */
    public InferenceMetrics(Metrics metrics) {
        registry = metrics.registry();
        for (Phase phase : Phase.values()) {
            phases.put(phase, phaseTimer(phase));
        }
        batchSizes = Buckets.summary(
                registry, "finetide.classification.batch.size", "Images in a batch.", null, BATCH_BUCKETS);
        loads = Buckets.seconds(
                registry, "finetide.model.load", "Time until a new model version could serve.", LOAD_BUCKETS);
        Gauge.builder("finetide.classifications.in.flight", inFlight, AtomicInteger::get)
                .description("Requests taken and not answered yet.")
                .strongReference(true)
                .register(registry);
        noAnswersYet("");
    }

    private Timer phaseTimer(Phase phase) {
        return Buckets.seconds(
                registry,
                "finetide.classification",
                "Time of a request by what it was spent on.",
                CLASSIFICATION_BUCKETS,
                "phase",
                phase.name().toLowerCase(Locale.ROOT));
    }

    /**
     * A request was answered.
     *
     * @param model and version; empty where the request names none, or one that this worker does not know
     * @param outcome {@link #CLASSIFIED} or the error kind's spelling
     */
    public void answered(String model, String version, String outcome) {
        answers(model, version, outcome).increment();
    }

    private Counter answers(String model, String version, String outcome) {
        return Counter.builder(CLASSIFICATIONS)
                .description("Requests answered.")
                .tag("model", models.bounded(model))
                .tag("version", versions.bounded(version))
                .tag("outcome", outcome)
                .register(registry);
    }

    /** Shows the answers for a model as 0 of each kind: the first faults are an increase that an alert can see. */
    private void noAnswersYet(String model) {
        for (ErrorKind kind : ErrorKind.values()) {
            answers(model, "", kind.wire());
        }
    }

    /** {@code finetide_requests_lag}, see {@code RequestsLag}. */
    public void requestsLag(Supplier<Number> lag) {
        Gauge.builder("finetide.requests.lag", lag)
                .description("Requests that wait for the group or are being worked on, in all partitions.")
                .register(registry);
    }

    /** A classified request's confidence, and whether that was too little. */
    public void confidence(String model, String version, double confidence, boolean abstained) {
        Buckets.summary(
                        registry,
                        CONFIDENCE,
                        "Calibrated probability of the first prediction.",
                        CONFIDENCE_BUCKETS,
                        "model",
                        models.bounded(model),
                        "version",
                        versions.bounded(version))
                .record(confidence);
        if (abstained) {
            abstained(model, version).increment();
        }
    }

    private Counter abstained(String model, String version) {
        return Counter.builder(ABSTAINED)
                .description("Classified requests whose confidence was below what was asked for.")
                .tag("model", models.bounded(model))
                .tag("version", versions.bounded(version))
                .register(registry);
    }

    /** What a version answers on validation images is known: its later answers are compared with that, see RATIONALE.md. */
    public void expect(String model, String version, AnswerProfile validation) {
        if (AnswerDrift.isKnown(validation)) {
            drifts.computeIfAbsent(model + "\n" + version, key -> {
                AnswerDrift drift = new AnswerDrift(validation);
                driftGauge(model, version, "confidence", drift, AnswerDrift::ofConfidence);
                driftGauge(model, version, "classes", drift, AnswerDrift::ofClasses);
                return drift;
            });
        }
    }

    private void driftGauge(
            String model, String version, String of, AnswerDrift drift, ToDoubleFunction<AnswerDrift> value) {
        Gauge.builder(DRIFT, drift, value)
                .description("Population stability index of the last answers against validation.")
                .tag("model", models.bounded(model))
                .tag("version", versions.bounded(version))
                .tag("of", of)
                .register(registry);
    }

    /** A request's most probable class, and how sure that is. */
    public void predicted(String model, String version, double confidence, int classId) {
        AnswerDrift drift = drifts.get(model + "\n" + version);
        if (drift != null) {
            drift.answered(confidence, classId);
        }
    }

    /** A model's shadow was computed beside the version that answered. */
    public void shadowed(String model, String version, String shadow, boolean agrees) {
        shadows(model, version, shadow, !agrees); // from 0 on
        shadows(model, version, shadow, agrees).increment();
    }

    private Counter shadows(String model, String version, String shadow, boolean agrees) {
        return Counter.builder(SHADOW)
                .description("Requests that a shadow was computed for, by whether it agreed with the answer.")
                .tag("model", models.bounded(model))
                .tag("version", versions.bounded(version))
                .tag("shadow", versions.bounded(shadow))
                .tag("agrees", String.valueOf(agrees))
                .register(registry);
    }

    /** A record of a result was given up, for this reason. */
    public void givenUp(String topic, String reason) {
        recordsGivenUp(topic, reason).increment();
    }

    /** Nothing was given up of what goes to this topic: the first one is an increase, too. */
    public void noneGivenUpYet(String topic) {
        PublicationListener.REASONS.forEach(reason -> recordsGivenUp(topic, reason));
    }

    private Counter recordsGivenUp(String topic, String reason) {
        return Counter.builder("finetide.records.given.up")
                .description("Results and dead letters that their topic did not take.")
                .tag("topic", topic)
                .tag("reason", reason)
                .register(registry);
    }

    /** Shows how many results wait for a topic that cannot be written. */
    public void resultsWaiting(IntSupplier waiting) {
        Gauge.builder("finetide.results.waiting", waiting, IntSupplier::getAsInt)
                .description("Results that wait for a topic that cannot be written.")
                .strongReference(true)
                .register(registry);
    }

    /** A request spent this time in this phase. */
    public void phase(Phase phase, Duration time) {
        phases.getOrDefault(phase, phaseTimer(phase)).record(time);
    }

    /** A batch of so many images went through the network. */
    public void batch(int images) {
        batchSizes.record(images);
    }

    /** Requests taken (positive) or answered (negative). */
    public void inFlight(int change) {
        inFlight.addAndGet(change);
    }

    /** A version serves from now on, having taken so long to get ready. */
    public void modelLoaded(String model, String version, String precision, Duration time) {
        loads.record(time);
        noAnswersYet(model);
        answers(model, version, CLASSIFIED);
        abstained(model, version); // from 0 on
        infos.computeIfAbsent(
                model + "\n" + version,
                key -> Gauge.builder("finetide.model.info", () -> 1)
                        .description("Models that can serve here.")
                        .tag("model", models.bounded(model))
                        .tag("version", versions.bounded(version))
                        .tag("precision", precision)
                        .register(registry));
    }

    /** A version left memory. It may come back, so what it has answered stays. */
    public void modelUnloaded(String model, String version) {
        Gauge info = infos.remove(model + "\n" + version);
        if (info != null) {
            registry.remove(info);
        }
    }

    /** A version serves no more: its series go, so that they do not pile up with the years. */
    public void modelForgotten(String model, String version) {
        modelUnloaded(model, version);
        List<Meter> counters = registry.getMeters().stream()
                .filter(meter -> isOf(meter.getId(), model, version))
                .toList();
        counters.forEach(registry::remove);
        drifts.remove(model + "\n" + version);
        versions.forget(version);
    }

    private static boolean isOf(Meter.Id id, String model, String version) {
        return OF_VERSIONS.contains(id.getName())
                && model.equals(id.getTag("model"))
                && (version.equals(id.getTag("version")) || version.equals(id.getTag("shadow")));
    }
}
