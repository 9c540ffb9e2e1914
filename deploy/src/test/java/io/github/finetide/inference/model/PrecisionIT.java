package io.github.finetide.inference.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Backbone.Question;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.FastPages;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Content;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.store.Saved;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import io.github.finetide.trainer.training.FineTuning;
import io.github.finetide.trainer.training.TrainerResources;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a training job to the precision that its model is served in. */
class PrecisionIT {
    private static final int SIZE = 64;
    private static final int CLASSES = 3;
    private static final Set<Precision> FAST = FastPages.fasterThanFp32(Device.cpu());

    @TempDir
    static Path folder;

    private static Checkpoints checkpoints;
    private static Saved saved;
    private static LocalCheckpoint trained;

    @SuppressWarnings("NullAway.Init")
    PrecisionIT() {}

    @BeforeAll
    static void train() throws IOException {
        checkpoints = store("store");
        String json = """
                {"jobId": "job", "model": "m", "network": "resnet50", "weights": "random:3", "classes": %d,
                 "batchNorm": "frozen", "augmentation": "none", "imageSize": %d, "epochs": 12, "batchSize": 16,
                 "optimizer": {"learningRate": 0.01}, "dataset": {"train": "%s", "validation": "%s"}}""".formatted(
                        CLASSES,
                        SIZE,
                        images("train", 48).toUri(),
                        images("validation", 24).toUri());
        TrainingJob job = Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        TrainerResources resources = new TrainerResources(
                checkpoints,
                folder.resolve("weights"),
                (source, target) -> {},
                uri -> read(Path.of(uri)),
                Device.cpu(),
                2,
                Files.createDirectories(folder.resolve("temporary")));
        JobOutcome.Finished outcome = (JobOutcome.Finished) new FineTuning(job, resources).run(new UnwatchedProgress());
        saved = outcome.measured().map(Found::saved).orElseGet(() -> stored(outcome));
        trained = checkpoints.fetch(saved.uri(), saved.digest());
    }

    private static Saved stored(JobOutcome.Finished outcome) {
        int epoch = outcome.best().orElseThrow().epoch();
        return checkpoints.find("job", epoch).orElseThrow().saved();
    }

    /** A colour each, with noise: easily told apart. */
    private static Path images(String name, int count) throws IOException {
        Random random = new Random(name.hashCode());
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
            for (int at = 0; at < SIZE * SIZE; at++) {
                image.setRGB(at % SIZE, at / SIZE, random.nextInt(0x404040) | (0xB0 << (8 * (i % CLASSES))));
            }
            String file = name + "-" + i + ".png";
            ImageIO.write(image, "png", folder.resolve(file).toFile());
            lines.add(file + " " + i % CLASSES);
        }
        return Files.write(folder.resolve(name + ".txt"), lines);
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aReleaseThatLosesNothingIsServedInInt8ByItselfAndAgrees() {
        Precision best = FAST.contains(Precision.INT8)
                ? Precision.INT8
                : FAST.contains(Precision.BF16) ? Precision.BF16 : Precision.FP32;
        Map<String, PrecisionScores> measured = trained.manifest().precisions();
        if (!FAST.isEmpty()) {
            assertThat(Objects.requireNonNull(measured).values())
                    .allMatch(scores -> scores.accuracy() == 1 && scores.agreement() == 1);
        }
        try (LoadedModel auto = loader("store", null).load(release(saved));
                LoadedModel reference = loader("store", Precision.FP32).load(release(saved))) {
            assertThat(auto.info().precision()).isEqualTo(best);
            assertThat(reference.info().precision()).isEqualTo(Precision.FP32);
            assertThat(auto.backbone().bytes())
                    .isLessThanOrEqualTo(reference.backbone().bytes());
            assertThat(classes(auto)).isEqualTo(classes(reference));
        }
    }

    @Test
    void int8WithoutCalibrationIsServedInAnotherPrecisionThatIsTold() {
        Saved uncalibrated = saveAs("uncalibrated", Set.of(CheckpointManifest.CALIBRATION), Map.of());
        try (LoadedModel model = loader("uncalibrated", Precision.INT8).load(release(uncalibrated))) {
            assertThat(model.info().precision())
                    .isEqualTo(FAST.contains(Precision.BF16) ? Precision.BF16 : Precision.FP32);
        }
    }

    @Test
    void wrongRangesAreFoundOutByTheGoldenImages() throws IOException {
        if (!FAST.contains(Precision.INT8)) {
            assertThat(trained.manifest().file(CheckpointManifest.CALIBRATION)).isEmpty();
            return;
        }
        List<TensorData> small = SafeTensors.read(trained.file(CheckpointManifest.CALIBRATION)).tensors().stream()
                .map(range ->
                        TensorData.of(range.name(), range.shape(), range.bytes().getFloat() / 8))
                .toList();
        Saved wrong = saveAs(
                "wrong",
                Set.of(),
                Map.of(CheckpointManifest.CALIBRATION, file -> SafeTensors.write(file, StateDict.of(small))));
        assertThatThrownBy(() -> loader("wrong", Precision.INT8).load(release(wrong)))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("golden images");
        loader("wrong", Precision.FP32).load(release(wrong)).close();
    }

    @Test
    void modelsCalibratedOnDifferentImagesShareABackboneWhileTheirGoldenImagesAgree() throws IOException {
        if (!FAST.contains(Precision.INT8)) {
            assertThat(trained.manifest().file(CheckpointManifest.CALIBRATION)).isEmpty();
            return;
        }
        Saved neighbour = saveNeighbour();
        CheckpointLoader loader = loader("store", Precision.INT8);
        try (LoadedModel first = loader.load(release(saved));
                LoadedModel second = loader.load(release("neighbour", neighbour))) {
            assertThat(second.info().precision()).isEqualTo(Precision.INT8);
            assertThat(second.backbone()).isSameAs(first.backbone());
            assertThat(classes(second)).isEqualTo(classes(first));
        }
    }

    /** The trained checkpoint as another job's, with ranges a little wider. */
    private static Saved saveNeighbour() throws IOException {
        List<TensorData> wider = SafeTensors.read(trained.file(CheckpointManifest.CALIBRATION)).tensors().stream()
                .map(range ->
                        TensorData.of(range.name(), range.shape(), range.bytes().getFloat() * 1.02f))
                .toList();
        Map<String, Content> files = trainedFiles(Set.of());
        files.put(CheckpointManifest.CALIBRATION, file -> SafeTensors.write(file, StateDict.of(wider)));
        String manifest = new String(Json.write(trained.manifest()), StandardCharsets.UTF_8)
                .replace("\"jobId\":\"job\"", "\"jobId\":\"neighbour\"");
        return checkpoints.save(Json.read(manifest.getBytes(StandardCharsets.UTF_8), CheckpointManifest.class), files);
    }

    /** The trained checkpoint in a store of its own, without some of its files or with others. */
    private static Saved saveAs(String store, Set<String> left, Map<String, Content> others) {
        Map<String, Content> files = trainedFiles(left);
        files.putAll(others);
        Checkpoints other = store(store);
        String weights = trained.manifest().weightsDigest();
        other.putWeights("job", weights, checkpoints.weights(weights));
        return other.save(trained.manifest(), files);
    }

    private static Map<String, Content> trainedFiles(Set<String> left) {
        Map<String, Content> files = new HashMap<>();
        trained.manifest().files().forEach(entry -> {
            if (!left.contains(entry.name())) {
                files.put(entry.name(), target -> Files.copy(trained.folder().resolve(entry.name()), target));
            }
        });
        return files;
    }

    private static Checkpoints store(String name) {
        return Checkpoints.open(folder.resolve(name).toUri(), "worker", folder.resolve(name + "-cache"));
    }

    private static CheckpointLoader loader(String store, @Nullable Precision wanted) {
        return new CheckpointLoader(store(store), new PrecisionChoice(wanted, FAST), Device.cpu(), 4);
    }

    private static ModelRelease release(Saved checkpoint) {
        return release("job", checkpoint);
    }

    private static ModelRelease release(String jobId, Saved checkpoint) {
        String version = ModelRelease.version(jobId, trained.manifest().epoch());
        return new ModelRelease("m", version, checkpoint.uri(), checkpoint.digest(), Instant.now(), null);
    }

    private static List<Integer> classes(LoadedModel model) {
        Random random = new Random(17);
        List<Question> questions = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            byte[] rgb = new byte[SIZE * SIZE * Pixels.CHANNELS];
            for (int at = 0; at < rgb.length; at++) {
                rgb[at] = (byte) (at % 3 == i % 3 ? 0xB0 + random.nextInt(0x40) : random.nextInt(0x40));
            }
            questions.add(new Question(new Pixels(SIZE, SIZE, rgb), model.head()));
        }
        return model.backbone().classify(questions).stream()
                .map(PrecisionIT::largest)
                .toList();
    }

    private static int largest(Output output) {
        float[] probabilities = output.probabilities();
        int best = 0;
        for (int i = 1; i < probabilities.length; i++) {
            best = probabilities[i] > probabilities[best] ? i : best;
        }
        return best;
    }
}
