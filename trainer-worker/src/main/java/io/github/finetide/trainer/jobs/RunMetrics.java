package io.github.finetide.trainer.jobs;

import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.EpochResult;
import java.time.Duration;

/** A run's progress as metrics. */
final class RunMetrics {
    private RunMetrics() {}

    static void batch(TrainingMetrics metrics, String model, BatchResult batch) {
        switch (batch.split()) {
            case TRAIN -> metrics.images(TrainingMetrics.Split.TRAIN, batch.images());
            case VALIDATION -> metrics.images(TrainingMetrics.Split.VALIDATION, batch.images());
            case FEATURES -> {} // its images are counted by the passes that use them
        }
        metrics.progress(model, batch.epoch(), batch.progress());
        step(metrics, TrainingMetrics.Phase.DATA, batch.times().data());
        step(metrics, TrainingMetrics.Phase.FORWARD, batch.times().forward());
        step(metrics, TrainingMetrics.Phase.BACKWARD, batch.times().backward());
        step(metrics, TrainingMetrics.Phase.UPDATE, batch.times().update());
    }

    private static void step(TrainingMetrics metrics, TrainingMetrics.Phase phase, long nanos) {
        if (nanos > 0) {
            metrics.step(phase, Duration.ofNanos(nanos));
        }
    }

    static void epoch(TrainingMetrics metrics, String model, EpochResult result) {
        metrics.learningRate(model, result.learningRate());
        metrics.scores(
                model,
                TrainingMetrics.Split.TRAIN,
                result.train().loss(),
                result.train().accuracy());
        metrics.scores(
                model,
                TrainingMetrics.Split.VALIDATION,
                result.validation().scores().loss(),
                result.validation().scores().accuracy());
        metrics.bestAccuracy(model, result.best().accuracy());
        metrics.epoch(result.duration());
    }
}
