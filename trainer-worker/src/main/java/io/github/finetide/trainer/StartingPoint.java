package io.github.finetide.trainer;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Head;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.network.ResolvedWeights;
import io.github.finetide.network.SafeTensors;
import io.github.finetide.network.StartingWeights;
import io.github.finetide.network.StateDict;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.LocalCheckpoint;
import java.io.IOException;
import java.nio.file.Path;

/** The tensors that a job starts from or goes on from. */
final class StartingPoint {
    private final TrainingJob job;
    private final TrainerResources resources;

    StartingPoint(TrainingJob job, TrainerResources resources) {
        this.job = job;
        this.resources = resources;
    }

    /** Finds the weights that the job names and puts them into the store, where every checkpoint looks for them. */
    ResolvedWeights resolve() {
        ResolvedWeights weights = new StartingWeights(resources.weightsCache(), resources.weights())
                .resolve(job.weights(), job.network());
        resources.checkpoints().putWeights(job.jobId(), weights.sha256(), weights.file());
        return weights;
    }

    /** Returns all tensors of the network before its first step: the weights, with a head as the job wants it. */
    StateDict fresh(StateDict weights) {
        Layout layout = Layout.of(job.network(), job.classes(), job.imageSize());
        if (job.head() == Head.PRETRAINED) {
            layout.check(weights);
            return weights;
        }
        layout.checkBackbone(weights);
        return weights.without(layout.head())
                .with(InitialWeights.head(job.network(), job.classes(), job.imageSize(), job.seed()));
    }

    /** Reads starting weights back from the store. */
    StateDict stored(String weightsDigest) {
        return read(resources.checkpoints().weights(weightsDigest));
    }

    /** Reads a file of a checkpoint, {@link CheckpointManifest#MODEL} for example. */
    static StateDict read(LocalCheckpoint checkpoint, String name) {
        return read(checkpoint.file(name));
    }

    private static StateDict read(Path file) {
        try {
            return SafeTensors.read(file);
        } catch (IOException failed) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "cannot read " + file + ": " + failed.getMessage(), failed);
        }
    }
}
