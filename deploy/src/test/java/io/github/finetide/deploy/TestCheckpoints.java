package io.github.finetide.deploy;

import io.github.finetide.message.Best;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.store.StoppingState;
import java.util.List;

/** What a checkpoint says of itself, for tests that need no training. */
public final class TestCheckpoints {
    private TestCheckpoints() {}

    /** The first epoch of a job. */
    public static CheckpointManifest firstEpoch(TrainingJob job) {
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                1,
                null,
                List.of(new EpochScores(1, 0.001, new Scores(1, 0.5), new ValidationScores(1, 0.5, 1))),
                null,
                null,
                new Best(1, 0.5, 1),
                StoppingState.START,
                job.network(),
                "ab".repeat(32),
                job.classNames(),
                null,
                RecordedPreprocessing.validation(job.imageSize()),
                null,
                List.of());
    }
}
