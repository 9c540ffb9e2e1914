package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.github.finetide.files.FileTree;
import io.github.finetide.inference.model.CheckpointLoader;
import io.github.finetide.inference.model.LoadedModel;
import io.github.finetide.inference.model.PrecisionChoice;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.Found;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an earlier release left in a store is gone on with, and served, by this one. */
class FormerReleaseTest {
    /** Another processor rounds otherwise. */
    private static final float LAST_BITS = 1e-4f;

    @TempDir
    private Path folder;

    private FormerRelease release;

    @SuppressWarnings("NullAway.Init")
    FormerReleaseTest() {}

    @BeforeEach
    void images() throws IOException {
        release = new FormerRelease(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void itsCheckpointIsGoneOnWithAsByAnUnbrokenRun(String version) throws Exception {
        try (Checkpoints resumed = former(version);
                Checkpoints unbroken = release.store("unbroken")) {
            EpochScores kept = found(resumed, FormerRelease.KEPT_EPOCH)
                    .manifest()
                    .history()
                    .get(1);
            release.train(resumed);
            release.train(unbroken);

            CheckpointManifest last = found(resumed, FormerRelease.EPOCHS).manifest();
            assertThat(last.history()).hasSize(FormerRelease.EPOCHS);
            assertThat(last.history().get(1)).as("not trained again").isEqualTo(kept);
            boolean sameProcessor = isSame(FormerRelease.KEPT_EPOCH, CheckpointManifest.MODEL)
                    && isSame(FormerRelease.KEPT_EPOCH, CheckpointManifest.OPTIMIZER);
            for (String file : List.of(CheckpointManifest.MODEL, CheckpointManifest.OPTIMIZER)) {
                assertThat(!sameProcessor || isSame(FormerRelease.EPOCHS, file))
                        .as("%s has the same bytes where the earlier epochs have", file)
                        .isTrue();
                assertClose(file);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = "0.1.0")
    void itsCheckpointIsServed(String version) throws Exception {
        try (Checkpoints store = former(version)) {
            Found found = found(store, FormerRelease.KEPT_EPOCH);
            ModelRelease released = new ModelRelease(
                    "discs",
                    ModelRelease.version(FormerRelease.JOB, FormerRelease.KEPT_EPOCH),
                    found.saved().uri(),
                    found.saved().digest(),
                    Instant.EPOCH,
                    null);
            PrecisionChoice exact = new PrecisionChoice(Precision.FP32, Set.of());
            try (LoadedModel model = new CheckpointLoader(store, exact, Device.cpu(), 2).load(released)) {
                assertThat(model.info().classNames()) // loading it compares its golden images' probabilities
                        .isEqualTo(found.manifest().classNames());
            }
        }
    }

    /** A store as the earlier release left it after its second epoch. */
    private Checkpoints former(String version) throws IOException, URISyntaxException {
        Path kept = Path.of(Objects.requireNonNull(getClass().getResource("/former/" + version + "/checkpoint.json"))
                        .toURI())
                .resolveSibling("");
        Path target = Files.createDirectories(release.checkpoint("resumed", FormerRelease.KEPT_EPOCH));
        FileTree.delete(target);
        Files.createDirectories(target);
        try (Stream<Path> files = Files.list(kept)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, target.resolve(file.getFileName().toString()));
            }
        }
        Checkpoints store = release.store("resumed");
        release.putStartingWeights(store);
        return store;
    }

    private static Found found(Checkpoints store, int epoch) {
        return store.find(FormerRelease.JOB, epoch).orElseThrow();
    }

    private boolean isSame(int epoch, String file) throws IOException {
        return Files.mismatch(
                        release.checkpoint("resumed", epoch).resolve(file),
                        release.checkpoint("unbroken", epoch).resolve(file))
                < 0;
    }

    private void assertClose(String file) throws IOException {
        StateDict resumed = read("resumed", file);
        StateDict unbroken = read("unbroken", file);
        assertThat(resumed.names()).isEqualTo(unbroken.names());
        for (String name : resumed.names()) {
            FloatBuffer one = resumed.get(name).bytes().asFloatBuffer();
            FloatBuffer other = unbroken.get(name).bytes().asFloatBuffer();
            for (int i = 0; i < one.capacity(); i++) {
                assertThat(one.get(i)).as(name).isCloseTo(other.get(i), within(LAST_BITS));
            }
        }
    }

    private StateDict read(String store, String file) throws IOException {
        return SafeTensors.read(release.checkpoint(store, FormerRelease.EPOCHS).resolve(file));
    }
}
