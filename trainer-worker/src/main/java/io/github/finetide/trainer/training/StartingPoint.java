package io.github.finetide.trainer.training;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Head;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ModelWeights;
import io.github.finetide.message.Precision;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.UriText;
import io.github.finetide.message.WeightsFrom;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.FiniteNumbers;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.network.weights.ResolvedWeights;
import io.github.finetide.network.weights.StartingWeights;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.Progress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tensors that a job starts from or goes on from. */
final class StartingPoint {
    /** The folder of a checkpoint, as a worker names it in its events. */
    private static final Pattern CHECKPOINT = Pattern.compile("(file|s3):.*/epoch-[0-9]{4,6}/?");

    private static final int MAX_NAMED = 10; // classes, in a warning

    private final TrainingJob job;
    private final TrainerResources resources;

    StartingPoint(TrainingJob job, TrainerResources resources) {
        this.job = job;
        this.resources = resources;
    }

    /**
     * What a job starts from.
     *
     * @param classNames of the model that the weights are, one for each row of its head; null of other weights
     */
    record Chosen(ResolvedWeights weights, @Nullable List<String> classNames) {}

    /** Finds out which checkpoint is meant where the job names a model; what it is then stays so for all attempts. */
    Optional<WeightsFrom> weightsFrom(Progress progress) {
        return ModelWeights.of(job.weights()).map(named -> progress.weightsFrom(named, () -> stored(named)));
    }

    private Optional<WeightsFrom> stored(ModelWeights named) {
        return named.jobId()
                .flatMap(jobId -> resources.checkpoints().find(jobId, named.epoch()))
                .filter(found -> found.manifest().job().model().equals(named.model()))
                .map(found -> new WeightsFrom(
                        named.model(),
                        ModelRelease.version(found.manifest().job().jobId(), named.epoch()),
                        found.saved().uri(),
                        found.saved().digest()));
    }

    /** Finds the weights that the job names. */
    Chosen resolve(Progress progress) {
        Optional<WeightsFrom> from = weightsFrom(progress);
        if (from.isPresent()) {
            WeightsFrom model = from.get();
            LocalCheckpoint checkpoint = resources.checkpoints().fetch(model.uri(), model.digest());
            return new Chosen(merged(checkpoint), checkpoint.manifest().classNames());
        }
        ResolvedWeights weights = CHECKPOINT.matcher(job.weights()).matches()
                ? merged(resources.checkpoints().fetch(UriText.of(job.weights()), null))
                : new StartingWeights(resources.weightsCache(), resources.weights())
                        .resolve(job.weights(), job.network(), job.head());
        return new Chosen(weights, null);
    }

    /** Puts weights into the store, where every checkpoint of the job looks for them. */
    ResolvedWeights store(ResolvedWeights weights) {
        resources.checkpoints().putWeights(job.jobId(), weights.sha256(), weights.file());
        return weights;
    }

    /** A checkpoint as starting weights of another job: with its own starting weights, in one file. */
    private ResolvedWeights merged(LocalCheckpoint checkpoint) {
        Architecture network = checkpoint.manifest().network();
        if (network != job.network()) {
            throw FaultException.invalid(
                    "weights",
                    job.weights(),
                    "a checkpoint of a " + job.network().wire());
        }
        StateDict all = whole(stored(checkpoint.manifest().weightsDigest()), checkpoint);
        FiniteNumbers.fault(all).ifPresent(fault -> {
            throw new FaultException(ErrorKind.INVALID, "weights: " + job.weights() + ": " + fault);
        });
        return new StartingWeights(resources.weightsCache(), resources.weights()).keep(all);
    }

    /**
     * Looks over what a job resumes from, whoever wrote it.
     *
     * @throws FaultException NOT_FINITE where training could only go on to nonsense
     */
    static void checkFinite(StateDict tensors, URI checkpoint) {
        FiniteNumbers.fault(tensors).ifPresent(fault -> {
            throw new FaultException(
                    ErrorKind.NOT_FINITE,
                    "checkpoint " + checkpoint + ": " + fault
                            + ", so the job cannot resume; delete it, or start a new job");
        });
    }

    /** Returns all tensors of the network before its first step: the weights, with a head as the job wants it. */
    StateDict fresh(Chosen chosen) {
        Layout layout = Layout.of(job.network(), job.classes(), job.imageSize());
        StateDict weights = chosen.weights().dict();
        List<String> names = chosen.classNames();
        boolean otherClasses = names != null && !names.equals(job.classNames());
        if (job.head() == Head.PRETRAINED && !otherClasses) {
            checkHead(layout, weights);
            return weights;
        }
        layout.checkBackbone(weights);
        StateDict initial = InitialWeights.head(job.network(), job.classes(), job.imageSize(), job.seed());
        StateDict head = names != null && job.head() == Head.PRETRAINED
                ? new ContinuedHead(names, job.classNames()).of(layout, weights, initial)
                : initial;
        return weights.without(layout.head()).with(head);
    }

    /** What the user should know of weights and head. */
    List<String> warnings(Chosen chosen) {
        List<String> names = chosen.classNames();
        if (names == null || names.equals(job.classNames()) || job.head() == Head.NEW) {
            return chosen.weights().warnings();
        }
        List<String> fresh = new ContinuedHead(names, job.classNames()).fresh();
        String some = String.join(", ", fresh.subList(0, Math.min(MAX_NAMED, fresh.size())));
        String more = fresh.size() > MAX_NAMED ? ", ..." : "";
        return List.of(job.weights() + " knows " + (job.classNames().size() - fresh.size()) + " of "
                + job.classNames().size() + " classes by name"
                + (fresh.isEmpty() ? ", in another order" : "; the head starts afresh for " + some + more));
    }

    /**
     * Refuses a backbone that will not change and gives numbers that are not finite. The page that computes it then is
     * fused, and its ReLU makes a NaN 0, where PyTorch's loss would be NaN.
     *
     * @param images some of validation, uint8 {@code [n, edge, edge, 3]}
     * @throws FaultException NOT_FINITE
     */
    void checkFeatures(StateDict tensors, TensorData images) {
        if (!Learner.fixedFeatures(job) || job.network() == Architecture.CNN) {
            return;
        }
        NetworkOptions plain = new NetworkOptions(job.network(), Precision.FP32, resources.device());
        try (Network network = Network.open(plain, tensors)) {
            if (!Learner.areFinite(network, images)) {
                throw new FaultException(
                        ErrorKind.NOT_FINITE,
                        "weights: " + job.weights()
                                + ": the layers before the head give numbers that are not finite for"
                                + " the first validation images; they need other weights");
            }
        }
    }

    private void checkHead(Layout layout, StateDict weights) {
        try {
            layout.check(weights);
        } catch (FaultException misfit) {
            // A query may hold a signature.
            String source = job.weights().replaceFirst("[?].*", "");
            throw new FaultException(misfit.kind(), source + ": " + misfit.getMessage(), misfit);
        }
    }

    /** Returns all tensors of a checkpoint's network. */
    static StateDict whole(StateDict starting, LocalCheckpoint checkpoint) {
        CheckpointManifest manifest = checkpoint.manifest();
        return Layout.of(
                        manifest.network(),
                        manifest.job().classes(),
                        manifest.job().imageSize())
                .whole(starting, read(checkpoint, CheckpointManifest.MODEL));
    }

    /** Reads starting weights back from the store. */
    StateDict stored(String weightsDigest) {
        return read(resources.checkpoints().weights(weightsDigest));
    }

    /** Reads a file of a checkpoint, {@link CheckpointManifest#MODEL} for example. */
    static StateDict read(LocalCheckpoint checkpoint, String name) {
        return read(checkpoint.file(name));
    }

    /** Reads the ranges of activations, of a checkpoint whose job runs in int8. */
    static Optional<ActivationRanges> ranges(LocalCheckpoint checkpoint) {
        return checkpoint.manifest().job().precision() == Precision.INT8
                        && checkpoint
                                .manifest()
                                .file(CheckpointManifest.CALIBRATION)
                                .isPresent()
                ? Optional.of(ActivationRanges.of(read(checkpoint, CheckpointManifest.CALIBRATION)))
                : Optional.empty();
    }

    private static StateDict read(Path file) {
        try {
            return SafeTensors.read(file);
        } catch (IOException failed) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "cannot read " + file + ": " + failed.getMessage(), failed);
        }
    }
}
