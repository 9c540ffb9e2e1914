package io.github.finetide.trainer.progress;

import java.util.List;
import java.util.Optional;

/**
 * What is known when a job's checks are done and before its first batch.
 *
 * @param resumed the last finished epoch that the job goes on from; its events may be missing from
 *     the topics if the worker before died between saving and publishing
 * @param best the checkpoint of the best epoch so far
 * @param warnings what the user should know and nothing fails for: duplicate images, images in both
 *     data sets, classes without images
 * @param estimate in words: images, time and memory
 */
public record JobStart(
        Optional<EpochResult> resumed, Optional<SavedCheckpoint> best, List<String> warnings, String estimate) {

    public JobStart {
        warnings = List.copyOf(warnings);
    }
}
