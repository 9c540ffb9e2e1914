package io.github.finetide.trainer.training;

import ai.djl.Device;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.store.Found;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.review.ImagePredictions;
import io.github.finetide.trainer.review.PictureChoice;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks once at all validation images with the model that a finished job releases: for its report and its folder. */
final class ReleaseReview {
    private static final Logger log = LoggerFactory.getLogger(ReleaseReview.class);

    private final TrainingJob job;
    private final Device device;
    private final CheckpointBook book;
    private final BatchSource source;
    private final StateDict starting;

    /** @param starting the starting weights, which the checkpoint leaves out */
    ReleaseReview(TrainingJob job, Device device, CheckpointBook book, BatchSource source, StateDict starting) {
        this.starting = starting;
        this.job = job;
        this.device = device;
        this.book = book;
        this.source = source;
    }

    /**
     * Writes the predictions beside the checkpoint, and the report with pictures; an image that cannot be read any more
     * costs the pictures, not the job.
     *
     * @param ranges of activations that the job runs with, in int8
     * @param afterEach run after each batch
     */
    void review(Optional<ActivationRanges> ranges, Runnable afterEach) {
        Optional<Found> found = book.toRelease(job.release());
        if (found.isEmpty()) {
            return;
        }
        try {
            StateDict weights = StartingPoint.whole(starting, book.fetch(found.get()));
            ImagePredictions predictions = predictions(weights, ranges, afterEach);
            BatchSampler pass = source.validationPass();
            List<String> names = job.classNames();
            book.putBeside(
                    found.get(),
                    "predictions.jsonl",
                    file -> predictions.write(file, pass.images().manifest(), names));
            PictureChoice choice = new PictureChoice(pass.images(), names);
            book.renewReport(choice.of(source.trainingPass(1), predictions));
        } catch (FaultException unreadable) {
            log.atWarn()
                    .addKeyValue("job", job.jobId())
                    .addKeyValue("reason", unreadable.getMessage())
                    .log("Report has no pictures");
        }
    }

    private ImagePredictions predictions(StateDict weights, Optional<ActivationRanges> ranges, Runnable afterEach) {
        NetworkOptions options = new NetworkOptions(job.network(), job.precision(), device);
        try (Network network = Network.frozen(options, weights, ranges.orElse(null));
                Batches batches = source.validation(source.validationPass(), (batch, count, size) -> afterEach.run())) {
            return ImagePredictions.of(network, batches, afterEach);
        }
    }
}
