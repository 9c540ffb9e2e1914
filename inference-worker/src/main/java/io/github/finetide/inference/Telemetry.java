package io.github.finetide.inference;

import io.github.finetide.inference.InferenceMetrics.Phase;
import io.github.finetide.inference.model.CatalogListener;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.ShadowComparison;
import io.github.finetide.inference.requests.PublicationListener;
import io.github.finetide.inference.requests.RequestAge;
import io.github.finetide.inference.requests.RequestResult;
import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.Decision;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Timings;
import io.github.finetide.message.VersionAnswer;
import io.github.finetide.metrics.Metrics;
import io.micrometer.core.instrument.Counter;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The worker's metrics, and its log of what happens to models. */
public final class Telemetry implements CatalogListener, PublicationListener {
    private static final Logger log = LoggerFactory.getLogger(Telemetry.class);

    private final Metrics metrics;
    private final InstantSource clock;
    private final InferenceMetrics inference;
    /** Models that were ever in memory: any other name in a request is anybody's text, and no label. */
    private final Set<String> known = ConcurrentHashMap.newKeySet();

    public Telemetry(Metrics metrics, InstantSource clock) {
        this.metrics = metrics;
        this.clock = clock;
        this.inference = new InferenceMetrics(metrics);
    }

    void resultsWaiting(IntSupplier waiting) {
        inference.resultsWaiting(waiting);
    }

    void noneGivenUpYet(String topic) {
        inference.noneGivenUpYet(topic);
    }

    void requestsLag(Supplier<Number> lag) {
        inference.requestsLag(lag);
    }

    void inFlight(int change) {
        inference.inFlight(change);
    }

    public void batch(int images) {
        inference.batch(images);
    }

    @Override
    public void published(RequestResult published) {
        ClassificationResult result = published.result();
        if (result instanceof ClassificationResult.Classified classified) {
            inference.answered(classified.model(), classified.version(), InferenceMetrics.CLASSIFIED);
            confidence(classified);
            time(classified.timings(), published.place().record());
            return;
        }
        FaultException fault = published.fault();
        ErrorKind kind = fault == null ? ErrorKind.INTERNAL : fault.kind();
        String model = result instanceof ClassificationResult.Rejected rejected ? rejected.model() : null;
        inference.answered(model != null && known.contains(model) ? model : "", "", kind.wire());
        if (published.isDeadLetter()) {
            metrics.deadLetter(published.place().record().topic(), kind);
        }
    }

    @Override
    public void givenUp(String topic, String reason) {
        inference.givenUp(topic, reason);
    }

    /** A queue's time is left out where the producer's timestamp cannot be true. */
    private void time(Timings timings, ConsumerRecord<byte[], byte[]> record) {
        RequestAge.millis(record, clock.instant()).ifPresent(age -> {
            time(Phase.QUEUE, timings.queueMillis());
            time(Phase.TOTAL, age);
        });
        time(Phase.FETCH, timings.fetchMillis());
        time(Phase.DECODE, timings.decodeMillis());
        time(Phase.WAIT, timings.waitMillis());
        time(Phase.INFERENCE, timings.inferenceMillis());
    }

    private void time(Phase phase, double millis) {
        inference.phase(phase, Duration.ofNanos((long) (millis * 1e6)));
    }

    private void confidence(ClassificationResult.Classified result) {
        Double confidence = result.confidence();
        if (confidence != null) {
            boolean abstained = result.decision() == Decision.ABSTAINED;
            inference.confidence(result.model(), result.version(), confidence, abstained);
            int classId = result.predictions().get(0).classId();
            inference.predicted(result.model(), result.version(), confidence, classId);
        }
    }

    /** A shadow's confidence is counted like that of a version that answers. */
    void compared(ShadowComparison comparison) {
        String model = comparison.answering().model();
        VersionAnswer shadow = comparison.shadow();
        inference.shadowed(model, comparison.answer().version(), shadow.version(), comparison.agrees());
        inference.confidence(model, shadow.version(), shadow.confidence(), false);
        inference.predicted(model, shadow.version(), shadow.confidence(), shadow.classId());
    }

    @Override
    public void loaded(ModelInfo info, Duration took) {
        known.add(info.model());
        inference.modelLoaded(info.model(), info.version(), info.precision().wire(), took);
        AnswerProfile validation = info.answers();
        if (validation != null) {
            inference.expect(info.model(), info.version(), validation);
        }
        log.atInfo()
                .addKeyValue("model", info.model())
                .addKeyValue("version", info.version())
                .addKeyValue("precision", info.precision().wire())
                .addKeyValue("millis", took.toMillis())
                .log("Model loaded");
    }

    @Override
    public void unloaded(ModelInfo info) {
        inference.modelUnloaded(info.model(), info.version());
        event("Model unloaded", info.model(), info.version());
    }

    @Override
    public void forgotten(ModelRelease release) {
        inference.modelForgotten(release.model(), release.version());
    }

    @Override
    public void swapped(ModelInfo info) {
        event("Model serves", info.model(), info.version());
    }

    @Override
    public void refused(ModelRelease release, FaultException why) {
        Counter.builder("finetide.model.refusals")
                .description("Releases that cannot be served; the version before goes on.")
                .tag("kind", why.kind().wire())
                .register(metrics.registry())
                .increment();
        log.atError()
                .addKeyValue("model", release.model())
                .addKeyValue("version", release.version())
                .addKeyValue("kind", why.kind().wire())
                .addKeyValue("reason", why.getMessage())
                .log("Model refused");
    }

    @Override
    public void postponed(ModelRelease release, FaultException why) {
        Counter.builder("finetide.model.load.failures")
                .description("Loads that failed for now, and are tried again.")
                .tag("kind", why.kind().wire())
                .register(metrics.registry())
                .increment();
        log.atWarn()
                .addKeyValue("model", release.model())
                .addKeyValue("version", release.version())
                .addKeyValue("kind", why.kind().wire())
                .addKeyValue("reason", why.getMessage())
                .log("Model cannot be loaded yet");
    }

    @Override
    public void withdrawn(String model) {
        log.atInfo().addKeyValue("model", model).log("Model withdrawn");
    }

    private static void event(String message, String model, String version) {
        log.atInfo().addKeyValue("model", model).addKeyValue("version", version).log(message);
    }
}
