package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.learning.TensorBytes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ModelImportTest extends InWorkshop {
    private static final List<String> CLASSES = List.of("a", "b", "c", "d", "e", "f");
    private static final int EDGE = 32;

    private final List<String> warnings = new ArrayList<>();
    private Path weights;

    @SuppressWarnings("NullAway.Init")
    ModelImportTest() {}

    @BeforeEach
    void open() throws IOException {
        weights = Made.weights(folder.resolve("model.safetensors"), Architecture.CNN, EDGE);
    }

    private Found run(List<String> classes, @Nullable URI images) throws IOException {
        TrainerResources resources = new TrainerResources(
                workshop.checkpoints,
                folder.resolve("cache"),
                (source, target) -> copy(Path.of(source), target),
                Workshop::bytes,
                Device.cpu(),
                2,
                Files.createDirectories(folder.resolve("temporary")));
        return new ModelImport(resources, warnings::add)
                .run(new ModelImport.Model("m", weights.toUri(), classes, Architecture.CNN, EDGE, images));
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void goldenImagesHaveTheProbabilitiesOfTheWeightsAsTheyAre() throws IOException {
        Found found = run(CLASSES, null);
        LocalCheckpoint checkpoint =
                workshop.checkpoints.fetch(found.saved().uri(), found.saved().digest());
        StateDict golden = SafeTensors.read(checkpoint.file(CheckpointManifest.GOLDEN));

        assertThat(golden.get("images").shape()).containsExactly(4, EDGE, EDGE, 3);
        assertThat(golden.get("probabilities").sameContent(probabilities(golden.get("images"))))
                .isTrue();
        assertThat(found.manifest().classNames()).isEqualTo(CLASSES);
        assertThat(found.manifest().history()).as("nothing is known of it").isEmpty();
        assertThat(run(CLASSES, null)).as("imported again").isEqualTo(found);
    }

    private TensorData probabilities(TensorData images) throws IOException {
        NetworkOptions options = NetworkOptions.of(Architecture.CNN);
        try (Network network = Network.open(options, SafeTensors.read(weights));
                NDManager scope = network.scope()) {
            return TensorBytes.data(
                    "probabilities", network.probabilities(network.forward(TensorBytes.array(images, scope), false)));
        }
    }

    @Test
    void imagesGiveAccuracyAndConfidenceAndMoveNothing() throws IOException {
        Found measured = run(CLASSES, workshop.validation.toUri());
        LocalCheckpoint checkpoint = workshop.checkpoints.fetch(
                measured.saved().uri(), measured.saved().digest());

        assertThat(measured.manifest().confidence()).isNotNull();
        assertThat(measured.manifest().last().orElseThrow().validation())
                .as("before and after an epoch without steps")
                .satisfies(scores -> assertThat(scores.scores().accuracy())
                        .isEqualTo(
                                measured.manifest().last().orElseThrow().train().accuracy()));
        assertThat(SafeTensors.read(checkpoint.file(CheckpointManifest.MODEL)).names())
                .isEmpty();
        assertThat(warnings).isEmpty();
        assertThat(run(CLASSES, workshop.validation.toUri())).isEqualTo(measured);
        assertThat(run(CLASSES, null).saved().uri())
                .as("without images it is another version")
                .isNotEqualTo(measured.saved().uri());
    }

    @Test
    void headOfAnotherNumberOfClassesIsRefused() {
        assertThatThrownBy(() -> run(List.of("a", "b"), null))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("model.safetensors")
                .hasMessageContaining("out.weight is [6, 4096], not [2, 4096]");
    }
}
