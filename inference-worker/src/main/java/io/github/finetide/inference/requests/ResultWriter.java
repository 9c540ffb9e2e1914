package io.github.finetide.inference.requests;

import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.Predictions;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.Timings;
import java.time.InstantSource;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Says in the contract's words what became of a request. */
public final class ResultWriter {
    private final String worker;
    private final InstantSource clock;

    public ResultWriter(String worker, InstantSource clock) {
        this.worker = worker;
        this.clock = clock;
    }

    RequestResult classified(Prepared prepared, ModelInfo info, float[] probabilities, BatchTimes times) {
        PolledRequest work = PolledRequest.of(prepared.work());
        if (!Predictions.areFinite(probabilities)) {
            return rejected(
                    work,
                    prepared.effort(),
                    new FaultException(ErrorKind.INTERNAL, "the network's answer is not finite"));
        }
        ClassificationRequest request = work.request();
        Timings timings = timings(work, prepared.effort(), times.waitMillis(prepared), times.inferenceMillis());
        ClassificationResult result = new ClassificationResult.Classified(
                request.requestId(),
                request.imageName(),
                info.model(),
                info.version(),
                Predictions.best(probabilities, info.classNames(), request.topK()),
                worker,
                clock.instant(),
                timings);
        return new RequestResult(
                work.record(), work.ledger(), result, null, prepared.effort().attempts());
    }

    RequestResult rejected(RequestInFlight returned, PreparationTimings effort, FaultException why) {
        PolledRequest work = PolledRequest.of(returned);
        ClassificationRequest request = work.request();
        ClassificationResult result = new ClassificationResult.Rejected(
                request.requestId(),
                request.imageName(),
                request.model(),
                request.version(),
                why.detail(),
                worker,
                clock.instant(),
                timings(work, effort, 0, 0));
        return new RequestResult(work.record(), work.ledger(), result, why, effort.attempts());
    }

    /** For what is no request: whoever can be made out gets an answer. */
    RequestResult unreadable(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger, FaultException why) {
        byte[] value = record.value();
        ClassificationResult result =
                text(value, "requestId").map(id -> unreadable(value, id, why)).orElse(null);
        return new RequestResult(record, ledger, result, why, 1);
    }

    private ClassificationResult unreadable(byte[] value, String requestId, FaultException why) {
        return new ClassificationResult.Rejected(
                requestId,
                text(value, "image").filter(image -> !image.startsWith("data:")).orElse(null),
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
            RequestInFlight work, PreparationTimings effort, double waitMillis, double inferenceMillis) {
        return new Timings(
                work.queueMillis(), effort.fetchMillis(), effort.decodeMillis(), waitMillis, inferenceMillis);
    }
}
