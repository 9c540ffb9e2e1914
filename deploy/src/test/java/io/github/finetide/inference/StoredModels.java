package io.github.finetide.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Best;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Scores;
import io.github.finetide.message.Sha256;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.network.Layout;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Content;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.store.Saved;
import io.github.finetide.store.StoppingState;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/** Puts models into a store as a trainer would: the small CNN at 32 pixels, heads drawn from a seed, one backbone. */
final class StoredModels {
    static final int SIZE = 32;
    static final int CLASSES = 4;

    private static final int GOLDEN = 2;

    private final Checkpoints checkpoints;
    private final Path scratch;
    private final Layout layout = Layout.of(Architecture.CNN, CLASSES, SIZE);
    private final StateDict starting = drawn(7, 0.05f);

    StoredModels(Checkpoints checkpoints, Path scratch) {
        this.checkpoints = checkpoints;
        this.scratch = scratch;
    }

    /** A version whose head is drawn from the seed; its golden answers are off by {@code error}. */
    ModelRelease put(String model, String jobId, int epoch, long seed, float error)
            throws IOException, GeneralSecurityException {
        return put(model, jobId, epoch, drawn(seed, 0.5f).only(layout.head()), error);
    }

    /** A version that holds only the tensors given, the others as the starting weights. */
    ModelRelease put(String model, String jobId, int epoch, StateDict changed, float error)
            throws IOException, GeneralSecurityException {
        StateDict golden = golden(starting.with(changed), error);
        String weights = putStartingWeights(jobId);
        Map<String, Content> files = Map.of(
                CheckpointManifest.MODEL, file -> SafeTensors.write(file, changed),
                CheckpointManifest.GOLDEN, file -> SafeTensors.write(file, golden));
        Saved saved = checkpoints.save(manifest(model, jobId, epoch, weights), files);
        return new ModelRelease(
                model, ModelRelease.version(jobId, epoch), saved.uri(), saved.digest(), Instant.now(), null);
    }

    private String putStartingWeights(String jobId) throws IOException, GeneralSecurityException {
        Path file = scratch.resolve("starting.safetensors");
        Files.deleteIfExists(file);
        SafeTensors.write(file, starting);
        String sha256 = Sha256.hex(file);
        checkpoints.putWeights(jobId, sha256, file);
        return sha256;
    }

    private static CheckpointManifest manifest(String model, String jobId, int epoch, String weights) {
        TrainingJob job = Json.read(
                """
                {"jobId": "%s", "model": "%s", "dataset": {"train": "file:///t.txt", "validation": "file:///v.txt"},
                 "classes": %d, "network": "cnn", "imageSize": %d, "weights": "random:7", "augmentation": "none",
                 "trainable": "all"}
                """.formatted(jobId, model, CLASSES, SIZE).getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        List<EpochScores> history = IntStream.rangeClosed(1, epoch)
                .mapToObj(i -> new EpochScores(i, 0.001, new Scores(1, 0.5), new ValidationScores(1, 0.5, 1)))
                .toList();
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                epoch,
                null,
                history,
                null,
                null,
                new Best(epoch, 0.5, 1),
                StoppingState.START,
                Architecture.CNN,
                weights,
                IntStream.range(0, CLASSES).mapToObj(i -> "class-" + i).toList(),
                null,
                RecordedPreprocessing.validation(SIZE),
                null,
                List.of());
    }

    private StateDict golden(StateDict weights, float error) {
        byte[] images = new byte[GOLDEN * SIZE * SIZE * 3];
        new Random(3).nextBytes(images);
        try (Network network = Network.open(NetworkOptions.of(Architecture.CNN), weights);
                NDManager batch = network.scope()) {
            ByteBuffer bytes = batch.allocateDirect(images.length).put(images).flip();
            NDArray pixels = batch.create(bytes, new Shape(GOLDEN, SIZE, SIZE, 3), DataType.UINT8);
            float[] answers =
                    network.probabilities(network.forward(pixels, false)).toFloatArray();
            answers[0] += error;
            return StateDict.of(List.of(
                    new TensorData(
                            "images", ElementType.U8, new long[] {GOLDEN, SIZE, SIZE, 3}, ByteBuffer.wrap(images)),
                    TensorData.of("probabilities", new long[] {GOLDEN, CLASSES}, answers)));
        }
    }

    private StateDict drawn(long seed, float deviation) {
        Random random = new Random(seed);
        List<TensorData> tensors = new ArrayList<>();
        layout.shapes().forEach((name, shape) -> {
            int count = 1;
            for (long length : shape) {
                count *= (int) length;
            }
            float[] values = new float[count];
            for (int i = 0; i < count; i++) {
                values[i] = (float) random.nextGaussian() * deviation;
            }
            tensors.add(TensorData.of(name, shape, values));
        });
        return StateDict.of(tensors);
    }
}
