package io.github.finetide.store;

import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Best;
import io.github.finetide.message.ClassScores;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code checkpoint.json}: all there is to know of a checkpoint besides its tensors. It holds no time and no worker's
 * name, so that the same job gives the same bytes wherever it runs.
 *
 * @param format of this file; {@link #FORMAT}
 * @param job as it runs, defaults filled in; signatures and passwords in its URIs are left out
 * @param epoch the epoch that is finished, or, with {@code midEpoch}, the one under way
 * @param midEpoch where the epoch stopped, in an interim checkpoint; absent in a finished epoch's
 * @param history of all finished epochs, in order; empty for a model that was imported without images
 * @param confusionMatrix of the last finished epoch, by [true class][predicted class], where it is small enough
 * @param perClass of the last finished epoch, where it is small enough
 * @param best epoch so far; absent before the first one is finished
 * @param weightsDigest SHA-256 of the starting weights' safetensors file, which {@link Checkpoints#weights} gives
 * @param classWeights that the loss used, by class; absent where all count alike
 * @param precisions by name, where they were measured: all on the same validation images, the job's own among them
 * @param confidence what its probabilities are worth, where it was measured
 * @param answers on the same images, where confidence was measured
 * @param sweep all variants, where the job had a sweep: {@code job} is the best one
 * @param crossValidation where the job had folds; {@code job} is trained on all images
 * @param files beside this one, by name
 */
public record CheckpointManifest(
        int format,
        TrainingJob job,
        int epoch,
        @Nullable MidEpoch midEpoch,
        List<EpochScores> history,
        @Nullable List<List<Integer>> confusionMatrix,
        @Nullable List<ClassScores> perClass,
        @Nullable Best best,
        StoppingState earlyStopping,
        Architecture network,
        String weightsDigest,
        List<String> classNames,
        @Nullable List<Double> classWeights,
        RecordedPreprocessing preprocessing,
        @Nullable Map<String, PrecisionScores> precisions,
        @Nullable Confidence confidence,
        @Nullable AnswerProfile answers,
        @Nullable List<SweepVariant> sweep,
        @Nullable CrossValidation crossValidation,
        List<FileEntry> files) {

    /** What this version writes, and the only one it reads. */
    public static final int FORMAT = 1;
    /** This file's own name. */
    public static final String NAME = "checkpoint.json";
    /** Tensors that differ from the starting weights, under torchvision's names. */
    public static final String MODEL = "model.safetensors";
    /** Moments and step of the optimiser. */
    public static final String OPTIMIZER = "optimizer.safetensors";
    /** A few validation images and the probabilities the trainer saw for them. */
    public static final String GOLDEN = "golden.safetensors";
    /** The ranges of activations that int8 needs; in a job's checkpoints if it runs in int8, and in a measured one. */
    public static final String CALIBRATION = "calibration.safetensors";
    /** The golden images' probabilities in the precisions that were measured, {@code probabilities.<precision>}. */
    public static final String GOLDEN_PRECISIONS = "golden-precisions.safetensors";

    public CheckpointManifest {
        job = job.redacted();
        require(format == FORMAT, "format", format, String.valueOf(FORMAT));
        require(epoch >= 1 && epoch <= job.epochs(), "epoch", epoch, "1 to epochs (" + job.epochs() + ")");
        int finished = midEpoch == null ? epoch : epoch - 1;
        boolean untrained = epoch == 1 && history.isEmpty();
        require(untrained || history.size() == finished, "history", history.size() + " epochs", finished + " epochs");
        require(FileEntry.isSha256(weightsDigest), "weightsDigest", weightsDigest, "a SHA-256 in hexadecimal");
        history = List.copyOf(history);
        confusionMatrix = confusionMatrix == null
                ? null
                : confusionMatrix.stream().map(List::copyOf).toList();
        perClass = perClass == null ? null : List.copyOf(perClass);
        classNames = List.copyOf(classNames);
        classWeights = classWeights == null ? null : List.copyOf(classWeights);
        precisions = precisions == null ? null : Collections.unmodifiableMap(new TreeMap<>(precisions));
        sweep = sweep == null ? null : List.copyOf(sweep);
        files = List.copyOf(files);
    }

    /** A checkpoint as training leaves it, without a sweep, or with its precisions alone. */
    public CheckpointManifest(
            int format,
            TrainingJob job,
            int epoch,
            @Nullable MidEpoch midEpoch,
            List<EpochScores> history,
            @Nullable List<List<Integer>> confusionMatrix,
            @Nullable List<ClassScores> perClass,
            @Nullable Best best,
            StoppingState earlyStopping,
            Architecture network,
            String weightsDigest,
            List<String> classNames,
            @Nullable List<Double> classWeights,
            RecordedPreprocessing preprocessing,
            @Nullable Map<String, PrecisionScores> precisions,
            List<FileEntry> files) {
        this(
                format,
                job,
                epoch,
                midEpoch,
                history,
                confusionMatrix,
                perClass,
                best,
                earlyStopping,
                network,
                weightsDigest,
                classNames,
                classWeights,
                preprocessing,
                precisions,
                null,
                null,
                null,
                null,
                files);
    }

    /** The scores of the last finished epoch; empty in an interim checkpoint of the first. */
    public Optional<EpochScores> last() {
        return history.isEmpty() ? Optional.empty() : Optional.of(history.get(history.size() - 1));
    }

    /** Whether this is the best epoch so far, itself. */
    public boolean isBest() {
        return midEpoch == null && best != null && best.epoch() == epoch;
    }

    /** The file of that name, where there is one. */
    public Optional<FileEntry> file(String name) {
        return files.stream().filter(file -> file.name().equals(name)).findFirst();
    }

    /** The same checkpoint with its other files known. */
    public CheckpointManifest withFiles(List<FileEntry> known) {
        return with(precisions, confidence, answers, sweep, crossValidation, known);
    }

    /** The same checkpoint with other precisions measured. */
    public CheckpointManifest withPrecisions(@Nullable Map<String, PrecisionScores> measured) {
        return with(measured, confidence, answers, sweep, crossValidation, files);
    }

    /** The same checkpoint, of which it is known what its probabilities are worth. */
    public CheckpointManifest withConfidence(@Nullable Confidence measured, @Nullable AnswerProfile answered) {
        return with(precisions, measured, answered, sweep, crossValidation, files);
    }

    /** The same checkpoint of the best variant of a sweep. */
    public CheckpointManifest withSweep(List<SweepVariant> variants) {
        return with(precisions, confidence, answers, variants.isEmpty() ? null : variants, crossValidation, files);
    }

    /** The same checkpoint of a job that had folds, where it is not null. */
    public CheckpointManifest withCrossValidation(@Nullable CrossValidation folds) {
        return with(precisions, confidence, answers, sweep, folds, files);
    }

    /** Whether it was looked at after its job had ended. */
    public boolean isMeasured() {
        return precisions != null || confidence != null;
    }

    private CheckpointManifest with(
            @Nullable Map<String, PrecisionScores> scores,
            @Nullable Confidence measured,
            @Nullable AnswerProfile answered,
            @Nullable List<SweepVariant> variants,
            @Nullable CrossValidation folds,
            List<FileEntry> known) {
        return new CheckpointManifest(
                format,
                job,
                epoch,
                midEpoch,
                history,
                confusionMatrix,
                perClass,
                best,
                earlyStopping,
                network,
                weightsDigest,
                classNames,
                classWeights,
                preprocessing,
                scores,
                measured,
                answered,
                variants,
                folds,
                known);
    }

    /** The folder below the store: {@code job/epoch-0007}, or {@code job/interim/epoch-0008-batch-000012}. */
    String folder() {
        String name = String.format(Locale.ROOT, "epoch-%04d", epoch);
        return midEpoch == null
                ? job.jobId() + "/" + name
                : String.format(Locale.ROOT, "%s/interim/%s-batch-%06d", job.jobId(), name, midEpoch.batches());
    }

    private static void require(boolean ok, String field, Object value, String allowed) {
        if (!ok) {
            throw FaultException.invalid(field, value, allowed);
        }
    }
}
