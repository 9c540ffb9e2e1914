package io.github.finetide.message;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one answer to a request. {@code image} is what the request said, even where
 * that is no URI, without signatures and passwords. */
public sealed interface ClassificationResult extends Event {
    String requestId();

    /** {@code classified} or {@code rejected}. */
    String status();

    @Override
    default String key() {
        return requestId();
    }

    @Override
    default String id() {
        return requestId() + "/result";
    }

    @Override
    default String type() {
        return "io.github.finetide.message.ClassificationResult";
    }

    /**
     * What the network saw in the image.
     *
     * @param predictions the most probable classes, best first
     * @param confidence the calibrated probability of the first one
     * @param embedding if it was asked for, as is cam
     */
    record Classified(
            String requestId,
            String image,
            String model,
            String version,
            List<Prediction> predictions,
            @Nullable Double confidence,
            @Nullable Decision decision,
            @Nullable Embedding embedding,
            @Nullable ClassActivationMap cam,
            String worker,
            Instant at,
            Timings timings)
            implements ClassificationResult {

        static final String STATUS = "classified";

        public Classified {
            Check.text("requestId", requestId);
            Check.id("model", model);
            Check.text("version", version);
            predictions = List.copyOf(predictions);
            if (confidence != null) {
                Check.fraction("confidence", confidence);
            }
            Check.text("worker", worker);
            at = Check.time("at", at);
        }

        /** A result of predictions alone. */
        public Classified(
                String requestId,
                String image,
                String model,
                String version,
                List<Prediction> predictions,
                String worker,
                Instant at,
                Timings timings) {
            this(requestId, image, model, version, predictions, null, null, null, null, worker, at, timings);
        }

        @Override
        public String status() {
            return STATUS;
        }
    }

    /** Why there is no answer. Fields of the request that could not be read are absent. */
    record Rejected(
            String requestId,
            @Nullable String image,
            @Nullable String model,
            @Nullable String version,
            ErrorDetail error,
            String worker,
            Instant at,
            Timings timings)
            implements ClassificationResult {

        static final String STATUS = "rejected";

        public Rejected {
            Check.text("requestId", requestId);
            Check.text("worker", worker);
            at = Check.time("at", at);
        }

        @Override
        public String status() {
            return STATUS;
        }
    }
}
