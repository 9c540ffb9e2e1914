package io.github.finetide.trainer.progress;

import io.github.finetide.message.Best;
import io.github.finetide.message.Scores;
import io.github.finetide.trainer.learning.Evaluation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A finished epoch, saved: everything that its metrics, checkpoint and status events hold.
 *
 * @param learningRate the one that the epoch was trained with
 * @param weightsDigest SHA-256 of the starting weights that the checkpoint builds on
 * @param classWeights the weight of each class in the loss; null where all are equal
 * @param duration of training, validation and saving; zero where the epoch was recovered from its
 *     checkpoint, which holds no times
 * @param imagesPerSecond trained and validated images a second; zero where recovered
 */
public record EpochResult(
        int epoch,
        int epochs,
        Scores train,
        Evaluation validation,
        double learningRate,
        Best best,
        SavedCheckpoint checkpoint,
        String weightsDigest,
        @Nullable List<Double> classWeights,
        Duration duration,
        double imagesPerSecond) {

    public boolean isBest() {
        return best.epoch() == epoch;
    }
}
