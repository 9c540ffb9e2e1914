package io.github.finetide.trainer.training;

import io.github.finetide.message.ClassWeights;
import io.github.finetide.message.TrainingJob;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How many training images each class has, and the class weights that follow from it. */
final class ClassCounts {
    private ClassCounts() {}

    static int[] of(int[] labels, int classes) {
        int[] counts = new int[classes];
        for (int label : labels) {
            counts[label]++;
        }
        return counts;
    }

    /** The same as an array. */
    static double @Nullable [] array(@Nullable List<Double> weights) {
        return weights == null
                ? null
                : weights.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /**
     * Returns the weight of each class in the loss; null where all are equal.
     *
     * @param labels of all training images
     */
    static @Nullable List<Double> weights(TrainingJob job, int[] labels) {
        ClassWeights weights = job.classWeights();
        return weights == null
                ? null
                : Arrays.stream(weights.of(of(labels, job.classes()))).boxed().toList();
    }
}
