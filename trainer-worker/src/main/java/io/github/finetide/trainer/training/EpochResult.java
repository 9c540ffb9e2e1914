package io.github.finetide.trainer.training;

import io.github.finetide.message.Best;
import io.github.finetide.message.Scores;
import io.github.finetide.trainer.learning.Evaluation;
import java.time.Duration;

/**
 * A finished epoch, saved: everything that metrics, checkpoint and status events tell of it.
 *
 * @param learningRate the one that the epoch was trained with
 * @param weightsDigest SHA-256 of the starting weights that the checkpoint builds on
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
        Duration duration,
        double imagesPerSecond) {

    public boolean isBest() {
        return best.epoch() == epoch;
    }
}
