package io.github.finetide.trainer.learning;

import io.github.finetide.message.Scores;

/**
 * Counts a pass over a data set. The loss is the mean of the batch losses, each rounded to float as the
 * network gave it and summed as double, as the article's script sums {@code loss.item()}.
 */
public final class ScoreAccumulator {
    private double lossSum;
    private int batches;
    private long correct;
    private long images;

    public ScoreAccumulator() {}

    /** Counts on from a pass that was interrupted. */
    public ScoreAccumulator(Sums sums) {
        lossSum = sums.lossSum();
        batches = sums.batches();
        correct = sums.correct();
        images = sums.images();
    }

    public void add(DeferredBatchResults.Reading batch) {
        add(batch.loss(), batch.predicted(), batch.labels());
    }

    public void add(float loss, long[] predicted, int[] labels) {
        batches++;
        lossSum += loss;
        images += labels.length;
        for (int i = 0; i < labels.length; i++) {
            correct += predicted[i] == labels[i] ? 1 : 0;
        }
    }

    public int batches() {
        return batches;
    }

    public Scores scores() {
        return new Scores(lossSum / batches, (double) correct / images);
    }

    public Sums sums() {
        return new Sums(lossSum, batches, correct, images);
    }

    /** The counts of a pass so far, as a checkpoint in the middle of an epoch holds them. */
    public record Sums(double lossSum, int batches, long correct, long images) {
        public static final Sums NONE = new Sums(0, 0, 0, 0);
    }
}
