package io.github.finetide.message;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** A variant of a sweep: the values that it has instead of the job's; absent where the sweep has no such list. */
public record SweepValues(
        @Nullable Double learningRate,
        @Nullable Double weightDecay,
        @Nullable Double labelSmoothing,
        @Nullable OptimizerName optimizer) {

    /** The job's own. */
    static final SweepValues NONE = new SweepValues(null, null, null, null);

    /** Puts them into a job. */
    void writeTo(ObjectNode job) {
        ObjectNode rule = job.withObject("/optimizer");
        if (optimizer != null && isDefaultDecay(rule)) {
            rule.put("weightDecay", Defaults.weightDecay(optimizer.wire()));
        }
        if (learningRate != null) {
            rule.put("learningRate", learningRate);
        }
        if (weightDecay != null) {
            rule.put("weightDecay", weightDecay);
        }
        if (optimizer != null) {
            rule.put("name", optimizer.wire());
        }
        if (labelSmoothing != null) {
            job.put("labelSmoothing", labelSmoothing);
        }
    }

    /** What a job leaves out follows its optimizer, in a variant as in a job of its own. */
    private static boolean isDefaultDecay(ObjectNode rule) {
        return rule.path("weightDecay").asDouble()
                == Defaults.weightDecay(rule.path("name").asText());
    }
}
