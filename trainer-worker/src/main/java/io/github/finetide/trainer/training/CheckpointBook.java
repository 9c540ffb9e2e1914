package io.github.finetide.trainer.training;

import io.github.finetide.confidence.ConfidenceFit;
import io.github.finetide.confidence.ValidationLogits;
import io.github.finetide.message.Best;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ReleasePolicy;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.FiniteNumbers;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Content;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.store.Newest;
import io.github.finetide.store.PreparedCheckpoint;
import io.github.finetide.store.Saved;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.OutageRetry;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.report.ReportDetails;
import io.github.finetide.trainer.report.TrainingReport;
import io.github.finetide.trainer.review.OutOfFold;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A job's checkpoints: finished epochs, and the place in an epoch where a worker was asked to save. What
 * is saved becomes visible only after the worker has made sure that the job is still its own.
 */
final class CheckpointBook {
    private final String jobId;
    private final SweepTable sweep;
    private final Checkpoints checkpoints;
    private final Progress progress;
    private final OutageRetry outages;
    private @Nullable URI interim;
    private @Nullable CheckpointManifest newest;
    private @Nullable CrossValidation crossValidation;

    CheckpointBook(String jobId, SweepTable sweep, Checkpoints checkpoints, Progress progress, OutageRetry outages) {
        this.jobId = jobId;
        this.sweep = sweep;
        this.checkpoints = checkpoints;
        this.progress = progress;
        this.outages = outages;
    }

    /** Takes over the job: removes what earlier owners left incomplete, and finds the newest checkpoint. */
    Newest open() {
        progress.confirmOwnership();
        Newest found = outages.retry("find the newest checkpoint", () -> {
            checkpoints.deleteTemporaries(jobId, progress::confirmOwnership);
            return checkpoints.newest(jobId);
        });
        newest = found.checkpoint().map(Found::manifest).orElse(null);
        crossValidation = newest == null ? null : newest.crossValidation();
        return found;
    }

    /**
     * Saves the state of the job: after an epoch its checkpoint, within an epoch an interim checkpoint, which replaces the one
     * before.
     *
     * @param starting the starting weights, which a checkpoint leaves out
     * @param golden images with their present probabilities; empty in an interim checkpoint
     * @throws FaultException NOT_FINITE where a trained tensor is not finite; nothing is saved then
     */
    Saved save(TrainingState state, Learner learner, StateDict starting, Optional<StateDict> golden) {
        CheckpointManifest manifest = state.manifest().withSweep(sweep.done()).withCrossValidation(crossValidation);
        Map<String, Content> files = new HashMap<>();
        StateDict moved = learner.moved();
        checkFinite(moved, state.epoch() - (manifest.midEpoch() == null ? 1 : 0));
        StateDict model = moved.differingFrom(starting);
        StateDict optimizer = learner.optimizerState();
        files.put(CheckpointManifest.MODEL, file -> SafeTensors.write(file, model));
        files.put(CheckpointManifest.OPTIMIZER, file -> SafeTensors.write(file, optimizer));
        learner.ranges()
                .map(ActivationRanges::toStateDict)
                .ifPresent(
                        ranges -> files.put(CheckpointManifest.CALIBRATION, file -> SafeTensors.write(file, ranges)));
        golden.ifPresent(images -> files.put(CheckpointManifest.GOLDEN, file -> SafeTensors.write(file, images)));
        Saved saved = outages.retry("save a checkpoint", () -> publish(manifest, files));
        replaceInterim(manifest.midEpoch() == null ? null : saved.uri());
        newest = manifest;
        if (manifest.midEpoch() == null) {
            putReport(manifest, ReportDetails.NONE);
        }
        return saved;
    }

    private static void checkFinite(StateDict moved, int epoch) {
        FiniteNumbers.fault(moved).ifPresent(fault -> {
            String remedy = fault.contains(".running_")
                    ? "activations beyond fp32: other weights, a lower learning rate where more than the head trains, or"
                            + " batchNorm frozen"
                    : "a lower learning rate or a warm-up may keep it finite";
            throw new FaultException(
                    ErrorKind.NOT_FINITE,
                    "epoch %d: after training, %s, so no checkpoint was saved; %s".formatted(epoch, fault, remedy));
        });
    }

    /** Writes the report again for a job that is resumed: the earlier owner may have ended before it wrote the report. */
    void renewReport() {
        renewReport(ReportDetails.NONE);
    }

    /** The same with what the released model makes of the images. */
    void renewReport(ReportDetails details) {
        newest().ifPresent(manifest -> putReport(manifest, details));
    }

    private void putReport(CheckpointManifest manifest, ReportDetails details) {
        String page = TrainingReport.html(manifest, details);
        outages.retry("write the report", () -> checkpoints.putReport(jobId, page, progress::confirmOwnership));
    }

    private Saved publish(CheckpointManifest manifest, Map<String, Content> files) {
        long began = System.nanoTime();
        try (PreparedCheckpoint prepared = checkpoints.prepare(manifest, files)) {
            progress.confirmOwnership();
            prepared.publish();
            Saved saved = prepared.saved();
            progress.checkpointSaved(Duration.ofNanos(System.nanoTime() - began), saved.sizeBytes());
            return saved;
        }
    }

    /**
     * Takes note of how the job did by folds: in all checkpoints from now on.
     *
     * @param logits of training images, for whoever goes on with the job
     */
    void crossValidated(@Nullable CrossValidation scores, Optional<OutOfFold> logits) {
        crossValidation = scores;
        logits.ifPresent(known -> outages.retry(
                "save what the folds gave",
                () -> checkpoints.putOutOfFold(
                        jobId, file -> SafeTensors.write(file, known.toStateDict()), progress::confirmOwnership)));
    }

    /** What was kept of the folds; empty where it is lost or damaged. */
    Optional<OutOfFold> outOfFold() {
        return outages.retry("read what the folds gave", () -> checkpoints.outOfFold(jobId))
                .flatMap(OutOfFold::read);
    }

    /** The checkpoint that the job will release; empty where there is none. */
    Optional<Found> toRelease(ReleasePolicy policy) {
        return outages.retry("find a checkpoint", () -> released(policy));
    }

    /** Puts a file into a checkpoint's folder that its checkpoint.json does not name. */
    URI putBeside(Found found, String name, Content content) {
        return outages.retry(
                "write " + name, () -> checkpoints.putBeside(found, name, content, progress::confirmOwnership));
    }

    /** The checkpoint that the job will release, where it is not measured yet; empty where there is none. */
    Optional<Found> unmeasured(ReleasePolicy policy) {
        return toRelease(policy).filter(found -> !found.manifest().isMeasured());
    }

    /** Downloads a checkpoint's files. */
    LocalCheckpoint fetch(Found found) {
        return outages.retry(
                "fetch the checkpoint",
                () -> checkpoints.fetch(found.saved().uri(), found.saved().digest()));
    }

    /**
     * Adds the results of measurements to a checkpoint.
     *
     * @param unseen logits that the temperature is fitted on
     */
    void amend(Found found, ValidationLogits logits, ValidationLogits unseen, PrecisionTrial.Result precisions) {
        Map<String, Content> files = precisions.scores().isEmpty() ? Map.of() : files(found, precisions);
        Confidence confidence = ConfidenceFit.of(unseen, logits);
        CheckpointManifest measured = found.manifest()
                .withConfidence(confidence, ConfidenceFit.answers(logits, confidence.temperature()))
                .withPrecisions(precisions.scores().isEmpty() ? null : precisions.scores());
        outages.retry("add what was measured to a checkpoint", () -> {
            try (PreparedCheckpoint prepared = checkpoints.amend(found, measured, files)) {
                progress.confirmOwnership();
                prepared.publish();
                return prepared.saved();
            }
        });
    }

    private static Map<String, Content> files(Found found, PrecisionTrial.Result measured) {
        Map<String, Content> files = new HashMap<>();
        boolean isCalibrated =
                found.manifest().file(CheckpointManifest.CALIBRATION).isPresent();
        measured.ranges()
                .filter(ranges -> !isCalibrated)
                .map(ActivationRanges::toStateDict)
                .ifPresent(
                        ranges -> files.put(CheckpointManifest.CALIBRATION, file -> SafeTensors.write(file, ranges)));
        files.put(CheckpointManifest.GOLDEN_PRECISIONS, file -> SafeTensors.write(file, measured.golden()));
        return files;
    }

    private Optional<Found> released(ReleasePolicy policy) {
        Optional<Integer> epoch = switch (policy) {
            case BEST -> bestEpoch().map(Best::epoch);
            case LAST -> newest().flatMap(CheckpointManifest::last).map(EpochScores::epoch);
            case NONE -> Optional.empty();
        };
        return epoch.flatMap(number -> checkpoints.find(jobId, number));
    }

    private void replaceInterim(@Nullable URI newer) {
        URI older = interim;
        interim = newer;
        if (older != null && newer != null && !older.equals(newer)) {
            outages.retry("delete a checkpoint", () -> {
                checkpoints.delete(older);
                return older;
            });
        }
    }

    /**
     * Deletes all but the newest finished epochs' checkpoints and the best one, and interim ones behind them: only epochs that this owner knows of, and only while it is the owner. A later owner's best may lie among what was listed.
     */
    void prune(int keep) {
        Optional<Integer> last = newest().flatMap(CheckpointManifest::last).map(EpochScores::epoch);
        if (last.isEmpty() || bestEpoch().isEmpty()) {
            return;
        }
        int best = bestEpoch().get().epoch();
        outages.retry("delete old checkpoints", () -> {
            List<URI> unneeded = checkpoints.unneeded(jobId, keep, best, last.get());
            if (!unneeded.isEmpty()) {
                progress.confirmOwnership();
                unneeded.forEach(checkpoints::delete);
            }
            return best;
        });
    }

    JobOutcome finished(JobOutcome.Ending ending, ReleasePolicy policy, Optional<ReviewedData> findings) {
        return outages.retry(
                "find checkpoints",
                () -> new JobOutcome.Finished(
                        ending,
                        best(),
                        last(),
                        released(policy).filter(found -> found.manifest().isMeasured()),
                        findings));
    }

    /** Returns what a job that stops now leaves in the store; reads the store once, even if the job was not opened yet. */
    JobOutcome cancelled() {
        if (newest == null) {
            newest = checkpoints.newest(jobId).checkpoint().map(Found::manifest).orElse(null);
        }
        return new JobOutcome.Cancelled(best(), last());
    }

    /** The last finished epoch's checkpoint. */
    Optional<SavedCheckpoint> last() {
        return newest().flatMap(CheckpointManifest::last).flatMap(last -> find(last.epoch()));
    }

    /** The best finished epoch's checkpoint. */
    Optional<SavedCheckpoint> best() {
        return bestEpoch().flatMap(best -> find(best.epoch()));
    }

    private Optional<Best> bestEpoch() {
        return newest().flatMap(manifest -> Optional.ofNullable(manifest.best()));
    }

    private Optional<CheckpointManifest> newest() {
        return Optional.ofNullable(newest);
    }

    private Optional<SavedCheckpoint> find(int epoch) {
        return checkpoints
                .find(jobId, epoch)
                .map(Found::saved)
                .map(saved -> new SavedCheckpoint(epoch, saved.uri(), saved.digest(), saved.sizeBytes()));
    }
}
