package io.github.finetide.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.Sha256;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.network.SeededImages;
import io.github.finetide.network.weights.ResolvedWeights;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Content;
import io.github.finetide.store.Found;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.store.StoppingState;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.learning.TensorBytes;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes a checkpoint of a network that was trained elsewhere. With images whose classes are known it is a job of one epoch
 * that moves nothing, and whose end measures what any job's does; without, its golden images are drawn, and nothing is known
 * of its accuracy. The same model gives the same job and checkpoint, however often it is imported.
 *
 * <p>See RATIONALE.md, Why is an import a job that moves nothing?
 */
public final class ModelImport {
    private static final int GOLDEN_IMAGES = 4; // as a job's
    private static final int ID_DIGITS = 16;

    private final TrainerResources resources;
    private final Consumer<String> warnings;

    /** @param warnings receives what the user should know and nothing fails for */
    public ModelImport(TrainerResources resources, Consumer<String> warnings) {
        this.resources = resources;
        this.warnings = warnings;
    }

    /**
     * What is imported.
     *
     * @param name as requests use it
     * @param weights a state dict with its head, as a job's {@code weights} names it
     * @param classNames by class number
     * @param imageSize edge of the square that images are resized to, in pixels
     * @param images a manifest or class folders; null where there are none
     */
    public record Model(
            String name,
            URI weights,
            List<String> classNames,
            Architecture network,
            int imageSize,
            @Nullable URI images) {
        public Model {
            classNames = List.copyOf(classNames);
        }
    }

    /**
     * Imports.
     *
     * @throws FaultException INVALID where the weights are not that network's, with a head for these classes; NOT_FINITE
     *     where they give no numbers; what a job of these images can fail with
     */
    public Found run(Model model) {
        ResolvedWeights weights = new StartingPoint(job(model, "import"), resources)
                .resolve(new UnwatchedProgress())
                .weights();
        weights.warnings().forEach(warnings);
        TrainingJob job = job(model, id(model, weights));
        if (model.images() == null) {
            saveUnmeasured(job, weights);
        } else {
            new FineTuning(job, reading(weights)).run(new Importing());
        }
        return resources
                .checkpoints()
                .find(job.jobId(), 1)
                .orElseThrow(() -> new FaultException(ErrorKind.UNAVAILABLE, "the checkpoint is gone from the store"));
    }

    private static String id(Model model, ResolvedWeights weights) {
        byte[] content = (weights.sha256() + Json.digest(job(model, "import"))).getBytes(StandardCharsets.UTF_8);
        return "import-" + Sha256.hex(content).substring(0, ID_DIGITS);
    }

    /** A job must name images; where there are none its weights stand for them. */
    private static TrainingJob job(Model model, String jobId) {
        ObjectNode job = new ObjectMapper().createObjectNode();
        job.put("jobId", jobId).put("model", model.name()).put("epochs", 1).put("shuffle", false);
        job.put("network", model.network().wire())
                .put("weights", model.weights().toString());
        job.put("head", "pretrained").put("trainable", "head").put("batchNorm", "frozen");
        job.put("imageSize", model.imageSize()).put("augmentation", "none");
        job.putObject("optimizer").put("name", "sgd").put("learningRate", 0);
        String images = (model.images() == null ? model.weights() : model.images()).toString();
        ObjectNode dataset = job.put("classes", model.classNames().size()).putObject("dataset");
        dataset.put("train", images).put("validation", images);
        model.classNames().forEach(dataset.putArray("classNames")::add);
        return Json.read(job.toString().getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }

    private void saveUnmeasured(TrainingJob job, ResolvedWeights weights) {
        StartingPoint start = new StartingPoint(job, resources);
        StateDict tensors = start.fresh(new StartingPoint.Chosen(weights, null));
        TensorData images = images(job.imageSize());
        start.checkFeatures(tensors, images);
        StateDict golden = StateDict.of(List.of(images, probabilities(job, tensors, images)));
        start.store(weights);
        CheckpointManifest manifest = manifest(job, weights.sha256());
        Map<String, Content> files = Map.of(
                CheckpointManifest.MODEL, file -> SafeTensors.write(file, StateDict.of(List.of())),
                CheckpointManifest.GOLDEN, file -> SafeTensors.write(file, golden));
        resources.checkpoints().save(manifest, files);
    }

    private static TensorData images(int edge) {
        long[] shape = {GOLDEN_IMAGES, edge, edge, Pixels.CHANNELS};
        return new TensorData("images", ElementType.U8, shape, SeededImages.draw(0, GOLDEN_IMAGES, edge));
    }

    private TensorData probabilities(TrainingJob job, StateDict tensors, TensorData images) {
        NetworkOptions options = new NetworkOptions(job.network(), job.precision(), resources.device());
        try (Network network = Network.frozen(options, tensors, null);
                NDManager scope = network.scope()) {
            NDArray logits = network.forward(TensorBytes.array(images, scope), false);
            return TensorBytes.data("probabilities", network.probabilities(logits));
        }
    }

    private static CheckpointManifest manifest(TrainingJob job, String weightsDigest) {
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                1,
                null,
                List.of(),
                null,
                null,
                null,
                StoppingState.START,
                job.network(),
                weightsDigest,
                job.classNames(),
                null,
                RecordedPreprocessing.validation(job.imageSize()),
                null,
                List.of());
    }

    /** The weights may lie far away, and have been fetched. */
    private TrainerResources reading(ResolvedWeights weights) {
        return resources.withWeights((source, target) -> {
            try {
                Files.copy(weights.file(), target);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }

    private final class Importing extends UnwatchedProgress {
        /** What a job warns of, images that train and validate or classes without one, is meant here. */
        @Override
        public void started(JobStart start) {}

        @Override
        public void warned(String warning) {
            warnings.accept(warning);
        }
    }
}
