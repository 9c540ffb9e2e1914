package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Jobs whose weights are a model's. */
@Timeout(120)
class ContinuedModelTest extends InWorkshop {
    private static final String MODEL = "\"weights\": \"model:dishes@first@3\", \"head\": null";

    @BeforeEach
    void trainTheModel() throws IOException {
        workshop.run(workshop.quickJob("first", ""), new Recorded());
    }

    @Test
    void itGoesOnBitForBitAsFromTheExportedFile() throws IOException {
        StateDict exported = whole("first", 3);
        Path file = folder.resolve("exported.safetensors");
        SafeTensors.write(file, exported);
        Recorded fromFile = new Recorded();
        workshop.run(workshop.quickJob("file", "\"weights\": \"" + file.toUri() + "\", \"epochs\": 1"), fromFile);
        Recorded fromModel = new Recorded();
        workshop.run(workshop.quickJob("model", MODEL + ", \"epochs\": 1"), fromModel);

        assertThat(fromModel.start().warnings()).isEqualTo(fromFile.start().warnings());
        assertThat(fromModel.epochs.get(0).train())
                .isEqualTo(fromFile.epochs.get(0).train());
        assertThat(fromModel.epochs.get(0).weightsDigest())
                .isEqualTo(fromFile.epochs.get(0).weightsDigest());
        assertThat(Files.readAllBytes(fetched("model", 1).file(CheckpointManifest.MODEL)))
                .isEqualTo(Files.readAllBytes(fetched("file", 1).file(CheckpointManifest.MODEL)));
    }

    @Test
    void aClassThatTheModelKnowsByNameKeepsItsRow() throws IOException {
        Recorded progress = new Recorded();
        TrainingJob job = withNames("other", "5", "0", "new", "1", "2", "3");
        workshop.run(job, progress);

        assertThat(progress.start().warnings())
                .contains("model:dishes@first@3 knows 5 of 6 classes by name; the head starts afresh for new");
        StateDict model = whole("first", 3);
        StateDict head = whole("other", 1); // its rate is 0
        StateDict fresh = InitialWeights.head(Architecture.CNN, Made.CLASSES, 32, 0);
        for (String name : Layout.of(Architecture.CNN, Made.CLASSES, 32).head()) {
            assertThat(row(head, name, 0)).isEqualTo(row(model, name, 5));
            assertThat(row(head, name, 1)).isEqualTo(row(model, name, 0));
            assertThat(row(head, name, 2)).isEqualTo(row(fresh, name, 2));
            assertThat(row(head, name, 5)).isEqualTo(row(model, name, 3));
        }
    }

    @Test
    void aNewHeadIsNewWhereItIsAskedFor() throws IOException {
        String fields = MODEL.replace("null", "\"new\"") + ", \"epochs\": 1, \"optimizer\": {\"learningRate\": 0}";
        workshop.run(workshop.quickJob("other", fields), new Recorded());
        StateDict fresh = InitialWeights.head(Architecture.CNN, Made.CLASSES, 32, 0);
        assertThat(fresh.tensors()).allMatch(tensor -> tensor.sameContent(head("other", tensor.name())));
    }

    @Test
    void aVersionThatNeverWasAndOneOfAnotherModelAreRefused() {
        for (String weights : List.of("model:dishes", "model:dishes@first@4", "model:drinks@first@3")) {
            assertThatThrownBy(() -> workshop.run(
                            workshop.quickJob("other", "\"weights\": \"" + weights + "\""), new Recorded()))
                    .isInstanceOf(FaultException.class)
                    .hasMessageStartingWith("weights: " + weights + ": ");
        }
    }

    /** A job with the model's head under other names, whose head does not move. */
    private TrainingJob withNames(String id, String... names) throws IOException {
        String dataset =
                """
                "dataset": {"train": "%s", "validation": "%s", "classNames": ["%s"]}""".formatted(workshop.train.toUri(), workshop.validation.toUri(), String.join("\", \"", names));
        return workshop.quickJob(id, MODEL + ", \"epochs\": 1, \"optimizer\": {\"learningRate\": 0}, " + dataset);
    }

    private TensorData head(String job, String name) {
        try {
            return whole(job, 1).get(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FloatBuffer row(StateDict tensors, String name, int row) {
        FloatBuffer values = tensors.get(name).bytes().asFloatBuffer();
        int width = values.remaining() / Made.CLASSES;
        return values.position(row * width).slice().limit(width);
    }

    private LocalCheckpoint fetched(String job, int epoch) {
        Found found = workshop.checkpoints.find(job, epoch).orElseThrow();
        return workshop.checkpoints.fetch(found.saved().uri(), found.saved().digest());
    }

    private StateDict whole(String job, int epoch) throws IOException {
        LocalCheckpoint checkpoint = fetched(job, epoch);
        StateDict starting = SafeTensors.read(
                workshop.checkpoints.weights(checkpoint.manifest().weightsDigest()));
        return StartingPoint.whole(starting, checkpoint);
    }
}
