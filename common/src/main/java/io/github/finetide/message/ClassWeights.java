package io.github.finetide.message;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much each class counts in the loss: {@code nn.CrossEntropyLoss(weight=)}. In JSON the word {@code "balanced"} or a
 * list.
 *
 * @param values one number a class; null for those of {@link #BALANCED}
 */
public record ClassWeights(@Nullable List<Double> values) {
    static final String BALANCED_WORD = "balanced";

    /** Images / (classes * images of the class), as scikit-learn's {@code class_weight="balanced"}. */
    public static final ClassWeights BALANCED = new ClassWeights(null);

    public ClassWeights {
        values = values == null ? null : List.copyOf(values);
    }

    /** Refuses another number of values than classes, and values that are no weights. */
    void check(int classes) {
        if (values != null) {
            Check.require(
                    values.size() == classes,
                    "classWeights",
                    values.size() + " numbers",
                    "as many as classes (" + classes + ")");
            values.forEach(value -> Check.notNegative("classWeights", value));
            Check.require(values.stream().anyMatch(value -> value > 0), "classWeights", "only 0", "one above 0");
        }
    }

    /**
     * Returns the weight of each class.
     *
     * @param images how many training images each class has
     * @throws FaultException INVALID where a balanced class has none
     */
    public double[] of(int[] images) {
        if (values != null) {
            return values.stream().mapToDouble(Double::doubleValue).toArray();
        }
        double total = Arrays.stream(images).asLongStream().sum();
        double[] weights = new double[images.length];
        for (int i = 0; i < weights.length; i++) {
            if (images[i] == 0) {
                throw FaultException.invalid(
                        "classWeights",
                        BALANCED_WORD,
                        "with a training image of every class, and class " + i + " has none; else a list of numbers");
            }
            weights[i] = total / ((double) weights.length * images[i]);
        }
        return weights;
    }
}
