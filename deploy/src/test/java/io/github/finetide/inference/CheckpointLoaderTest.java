package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Backbone.Question;
import io.github.finetide.inference.model.CheckpointLoader;
import io.github.finetide.inference.model.LoadedModel;
import io.github.finetide.inference.model.PrecisionChoice;
import io.github.finetide.message.Include;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A checkpoint holds what changed, tensor by tensor; its golden answers are those of the whole network. */
class CheckpointLoaderTest {
    @TempDir
    private Path folder;

    static Stream<StateDict> changes() {
        TensorData bias = TensorData.of("out.bias", new long[] {StoredModels.CLASSES}, 3, -2, 0, 1);
        TensorData convolution = TensorData.of("conv1.0.bias", new long[] {16}, new float[16]);
        TensorData weight = TensorData.of(
                "out.weight", new long[] {StoredModels.CLASSES, 4096}, new float[StoredModels.CLASSES * 4096]);
        return Stream.of(
                StateDict.of(List.of()),
                StateDict.of(List.of(bias)),
                StateDict.of(List.of(weight)),
                StateDict.of(List.of(convolution)),
                StateDict.of(List.of(convolution, bias)));
    }

    @ParameterizedTest
    @MethodSource("changes")
    void whatACheckpointLacksComesFromItsStartingWeights(StateDict changed) throws Exception {
        Checkpoints checkpoints = checkpoints();
        ModelRelease release = new StoredModels(checkpoints, folder).put("m", "job", 1, changed, 0);
        try (LoadedModel model = loader(checkpoints).load(release)) {
            assertThat(model.info().model()).isEqualTo("m");
        }
    }

    @Test
    void modelsThatMovedOnlyPartOfTheHeadShareTheBackbone() throws IOException, GeneralSecurityException {
        Checkpoints checkpoints = checkpoints();
        StoredModels models = new StoredModels(checkpoints, folder);
        StateDict bias = StateDict.of(List.of(TensorData.of("out.bias", new long[] {4}, 1, 2, 3, 4)));
        ModelRelease first = models.put("m", "job", 1, bias, 0);
        ModelRelease second = models.put("m", "job", 2, StateDict.of(List.of()), 0);
        CheckpointLoader loader = loader(checkpoints);
        try (LoadedModel one = loader.load(first);
                LoadedModel other = loader.load(second)) {
            assertThat(other.backbone()).isSameAs(one.backbone());
        }
    }

    @Test
    void shadowOnTheBackboneIsAskedInTheSamePassAndChangesNoAnswer() throws IOException, GeneralSecurityException {
        Checkpoints checkpoints = checkpoints();
        StoredModels models = new StoredModels(checkpoints, folder);
        CheckpointLoader loader = loader(checkpoints);
        try (LoadedModel one = loader.load(models.put("m", "job", 1, 11, 0));
                LoadedModel other = loader.load(models.put("m", "job", 2, 12, 0))) {
            byte[] rgb = new byte[StoredModels.SIZE * StoredModels.SIZE * Pixels.CHANNELS];
            new Random(5).nextBytes(rgb);
            Pixels pixels = new Pixels(StoredModels.SIZE, StoredModels.SIZE, rgb);
            Question plain = new Question(pixels, one.head());
            Question beside = new Question(pixels, one.head(), other.head(), List.of(Include.EMBEDDING));

            List<Output> outputs = one.backbone().classify(List.of(plain, new Question(pixels, other.head())));
            Output both = one.backbone().classify(List.of(beside)).get(0);
            assertThat(both.probabilities()).containsExactly(outputs.get(0).probabilities(), within(1e-6f));
            assertThat(both.shadow()).containsExactly(outputs.get(1).probabilities(), within(1e-6f));
            assertThat(both.features()).isNotNull();
            assertThat(outputs.get(0).shadow()).isNull();
        }
    }

    private Checkpoints checkpoints() {
        return Checkpoints.open(folder.resolve("store").toUri(), "worker", folder.resolve("cache"));
    }

    private static CheckpointLoader loader(Checkpoints checkpoints) {
        return new CheckpointLoader(checkpoints, new PrecisionChoice(null, Set.of()), Device.cpu(), 2);
    }
}
