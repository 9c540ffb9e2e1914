package io.github.finetide.message;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an epoch went.
 *
 * @param confusionMatrix counts by [true class][predicted class]; absent above {@link #MAX_CONFUSION_CLASSES}
 * @param perClass by class number; absent above {@link #MAX_CLASS_SCORES}
 * @param fold of a cross-validation, from 1: the images that validate, of training; absent for the model that the job
 *     ends with. Matrix and classes are absent with it
 * @param variant of a sweep, from 0; absent for the model that the job ends with. Matrix and classes are absent with it
 */
public record EpochMetrics(
        String jobId,
        String model,
        int epoch,
        int epochs,
        Scores train,
        ValidationScores validation,
        @Nullable List<List<Integer>> confusionMatrix,
        @Nullable List<ClassScores> perClass,
        double learningRate,
        boolean isBest,
        Best best,
        double durationSeconds,
        double imagesPerSecond,
        String worker,
        Instant at,
        @Nullable Integer variant,
        @Nullable SweepValues variantValues,
        @Nullable Integer fold)
        implements Event {

    /** 256 * 256 counts are up to 400 KB of JSON; a record may have 1 MB. */
    public static final int MAX_CONFUSION_CLASSES = 256;

    /** 2000 classes are up to 250 KB of JSON; a record may have 1 MB. */
    public static final int MAX_CLASS_SCORES = 2000;

    public EpochMetrics {
        Check.id("jobId", jobId);
        Check.id("model", model);
        Check.range("epochs", epochs, 1, TrainingJob.MAX_EPOCHS);
        Check.range("epoch", epoch, 1, epochs);
        confusionMatrix = confusionMatrix == null ? null : square(confusionMatrix);
        perClass = perClass == null ? null : List.copyOf(perClass);
        Check.notNegative("learningRate", learningRate);
        Check.notNegative("durationSeconds", durationSeconds);
        Check.notNegative("imagesPerSecond", imagesPerSecond);
        if (fold != null) {
            Check.range("fold", fold, 1, TrainingJob.MAX_FOLDS);
        }
        Check.text("worker", worker);
        at = Check.time("at", at);
    }

    /** Whether this is of a variant or a fold, not of the model that the job ends with. */
    public boolean isTrial() {
        return variant != null || fold != null;
    }

    private static List<List<Integer>> square(List<List<Integer>> rows) {
        for (List<Integer> row : rows) {
            Check.require(row.size() == rows.size(), "confusionMatrix", row.size() + " columns", "a square matrix");
            row.forEach(count -> Check.atLeast("confusionMatrix", count, 0));
        }
        return rows.stream().map(List::copyOf).toList();
    }

    @Override
    public String key() {
        return jobId;
    }

    @Override
    public String id() {
        return jobId + (variant == null ? "" : "/variant-" + variant) + (fold == null ? "" : "/fold-" + fold) + "/"
                + epoch + "/metrics";
    }

    @Override
    public String type() {
        return "io.github.finetide.message.EpochMetrics";
    }
}
