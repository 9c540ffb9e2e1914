package io.github.finetide.message;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Values of hyper-parameters, of which a job trains every combination on the same features. A list that is absent leaves
 * the job's own value.
 *
 * @param optimizer names; its other parameters are the job's, but for a weight decay that the job leaves at its optimizer's
 *     default, which is the variant's optimizer's then
 */
public record Sweep(
        @Nullable List<Double> learningRate,
        @Nullable List<Double> weightDecay,
        @Nullable List<Double> labelSmoothing,
        @Nullable List<OptimizerName> optimizer) {

    /** With 20 epochs of 2,000 images half an hour's work. */
    public static final int MAX_VARIANTS = 1000;

    public Sweep {
        long variants = 1;
        for (List<?> values : lists(learningRate, weightDecay, labelSmoothing, optimizer)) {
            Check.require(!values.isEmpty(), "sweep", "an empty list", "lists of one value or more");
            variants *= values.size();
        }
        Check.range("sweep", variants, 1, MAX_VARIANTS);
        each(learningRate, value -> Check.notNegative("learningRate", value));
        each(weightDecay, value -> Check.notNegative("weightDecay", value));
        each(labelSmoothing, value -> Check.fraction("labelSmoothing", value));
    }

    private static List<List<?>> lists(@Nullable List<?>... all) {
        List<List<?>> given = new ArrayList<>();
        for (List<?> list : all) {
            if (list != null) {
                given.add(list);
            }
        }
        return given;
    }

    private static void each(@Nullable List<Double> values, DoubleConsumer check) {
        if (values != null) {
            values.forEach(check::accept);
        }
    }

    /** Returns the combinations: in the order of the lists, the last one fastest. */
    public List<SweepValues> variants() {
        List<SweepValues> variants = new ArrayList<>();
        for (Double rate : orNull(learningRate)) {
            for (Double decay : orNull(weightDecay)) {
                for (Double smoothing : orNull(labelSmoothing)) {
                    for (OptimizerName name : orNull(optimizer)) {
                        variants.add(new SweepValues(rate, decay, smoothing, name));
                    }
                }
            }
        }
        return variants;
    }

    private static <T> List<@Nullable T> orNull(@Nullable List<T> values) {
        List<@Nullable T> all = new ArrayList<>();
        if (values == null) {
            all.add(null);
        } else {
            all.addAll(values);
        }
        return all;
    }
}
