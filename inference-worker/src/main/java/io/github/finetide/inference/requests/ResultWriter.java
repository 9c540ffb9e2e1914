package io.github.finetide.inference.requests;

import io.github.finetide.confidence.Scaled;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.Predictions;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.Decision;
import io.github.finetide.message.Embedding;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.Redacted;
import io.github.finetide.message.Timings;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes what became of a request as the result that its sender reads. It is written on the publisher's thread, which
 * has time while the network's has none.
 */
public final class ResultWriter {
    private final String worker;
    private final InstantSource clock;
    private final double minConfidence;
    private final Consumer<Supplier<RequestResult>> publisher;

    /** @param publisher calls each supplier once */
    public ResultWriter(String worker, InstantSource clock, Consumer<Supplier<RequestResult>> publisher) {
        this(worker, clock, 0, publisher);
    }

    /**
     * The same for a worker that wants to be sure.
     *
     * @param minConfidence below which it abstains, where the request does not say
     */
    public ResultWriter(
            String worker, InstantSource clock, double minConfidence, Consumer<Supplier<RequestResult>> publisher) {
        this.worker = worker;
        this.clock = clock;
        this.minConfidence = minConfidence;
        this.publisher = publisher;
    }

    void classified(PolledRequest polled, Prepared prepared, Output output, BatchTimes times) {
        ModelInfo info = prepared.lease().model().info(); // the lease ends now
        publisher.accept(() -> Predictions.areFinite(output.probabilities())
                ? result(polled, prepared, info, output, times)
                : result(polled, prepared.timings(), notFinite()));
    }

    void rejected(PolledRequest polled, PreparationTimings timings, FaultException why) {
        publisher.accept(() -> result(polled, timings, why));
    }

    /** For what is no request: a result under its requestId, if that can be read. */
    void unreadable(RequestPlace place, FaultException why) {
        publisher.accept(() -> {
            byte[] value = place.record().value();
            ClassificationResult result = text(value, "requestId")
                    .map(id -> unreadable(value, id, why))
                    .orElse(null);
            return new RequestResult(place, result, why, 1);
        });
    }

    private RequestResult result(
            PolledRequest polled, Prepared prepared, ModelInfo info, Output output, BatchTimes times) {
        ClassificationRequest request = polled.request();
        double confidence = Scaled.confidence(output.probabilities(), info.temperature());
        float[] features = output.features();
        ClassificationResult result = new ClassificationResult.Classified(
                request.requestId(),
                request.imageName(),
                info.model(),
                info.version(),
                Predictions.best(output.probabilities(), info.classNames(), request.topK()),
                confidence,
                decision(request, confidence),
                features == null ? null : Embedding.of(features),
                output.map(),
                worker,
                clock.instant(),
                timings(polled, prepared.timings(), times.waitMillis(prepared), times.inferenceMillis()));
        return new RequestResult(
                polled.place(), result, null, prepared.timings().attempts());
    }

    private Decision decision(ClassificationRequest request, double confidence) {
        Double asked = request.minConfidence();
        return confidence >= (asked == null ? minConfidence : asked) ? Decision.ANSWERED : Decision.ABSTAINED;
    }

    private RequestResult result(PolledRequest polled, PreparationTimings timings, FaultException why) {
        ClassificationRequest request = polled.request();
        ClassificationResult result = new ClassificationResult.Rejected(
                request.requestId(),
                request.imageName(),
                request.model(),
                request.version(),
                why.detail(),
                worker,
                clock.instant(),
                timings(polled, timings, 0, 0));
        return new RequestResult(polled.place(), result, why, timings.attempts());
    }

    private static FaultException notFinite() {
        return new FaultException(ErrorKind.INTERNAL, "the network's output is not finite");
    }

    private ClassificationResult unreadable(byte[] value, String requestId, FaultException why) {
        return new ClassificationResult.Rejected(
                requestId,
                text(value, "image")
                        .filter(image -> !image.startsWith("data:"))
                        .map(Redacted::imageUri)
                        .orElse(null),
                null,
                null,
                why.detail(),
                worker,
                clock.instant(),
                Timings.NONE);
    }

    private static Optional<String> text(byte @Nullable [] value, String field) {
        return value == null ? Optional.empty() : Json.peek(value, field);
    }

    private static Timings timings(
            PolledRequest polled, PreparationTimings timings, double waitMillis, double inferenceMillis) {
        return new Timings(
                polled.queueMillis(), timings.fetchMillis(), timings.decodeMillis(), waitMillis, inferenceMillis);
    }
}
