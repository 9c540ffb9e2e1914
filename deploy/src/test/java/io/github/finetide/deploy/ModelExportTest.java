package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Layout;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelExportTest {
    private static final int SIZE = 16;

    @TempDir
    Path folder;

    private final TrainingJob job = Json.read(
            ("{\"jobId\":\"j\",\"model\":\"m\",\"network\":\"cnn\",\"weights\":\"random:1\",\"classes\":3,\"imageSize\":16,"
                            + "\"augmentation\":\"none\",\"dataset\":{\"train\":\"file:///t\",\"validation\":\"file:///v\","
                            + "\"classNames\":[\"a\",\"b\",\"c\"]}}")
                    .getBytes(StandardCharsets.UTF_8),
            TrainingJob.class);
    private final CheckpointManifest manifest = TestCheckpoints.firstEpoch(job);

    @BeforeEach
    void startFromAnotherHead() throws IOException {
        SafeTensors.write(folder.resolve("starting"), filled(Layout.of(job.network(), 7, SIZE), 1));
    }

    private static StateDict filled(Layout layout, float value) {
        List<TensorData> tensors = new ArrayList<>();
        layout.shapes().forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
            Arrays.fill(values, value);
            tensors.add(TensorData.of(name, shape, values));
        });
        return StateDict.of(tensors);
    }

    private void export(StateDict changed) throws IOException {
        SafeTensors.write(folder.resolve("changed"), changed);
        ModelExport.write(manifest, folder.resolve("starting"), folder.resolve("changed"), folder.resolve("out"));
    }

    @Test
    void exportIsTheWholeNetworkWithTheCheckpointsTensorsInPlace() throws IOException {
        Layout layout = Layout.of(job.network(), 3, SIZE);
        StateDict head = filled(layout, 2).only(layout.head());
        export(head);
        StateDict model = SafeTensors.read(folder.resolve("out/model.safetensors"));
        layout.check(model);
        assertThat(model.get("out.weight").sameContent(head.get("out.weight"))).isTrue();
        assertThat(model.get("conv1.0.weight").bytes().getFloat()).isEqualTo(1);
    }

    @Test
    void configNamesClassesAndPreprocessing() throws IOException {
        Layout layout = Layout.of(job.network(), 3, SIZE);
        export(filled(layout, 2).only(layout.head()));
        JsonNode config =
                new ObjectMapper().readTree(folder.resolve("out/config.json").toFile());
        assertThat(config.path("architecture").asText()).isEqualTo("cnn");
        assertThat(config.path("num_classes").asInt()).isEqualTo(3);
        assertThat(config.path("label_names")).hasToString("[\"a\",\"b\",\"c\"]");
        assertThat(config.path("pretrained_cfg").path("input_size")).hasToString("[3,16,16]");
        assertThat(config.path("pretrained_cfg").path("mean")).hasToString("[0.485,0.456,0.406]");
        assertThat(config.path("pretrained_cfg").path("classifier").asText()).isEqualTo("out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"out.weight", "out.bias", "conv1.0.bias", "conv3.0.weight"})
    void whatTrainingDidNotMoveComesFromTheStartingWeights(String moved) throws IOException {
        Layout layout = Layout.of(job.network(), 3, SIZE);
        SafeTensors.write(folder.resolve("starting"), filled(layout, 1));
        export(filled(layout, 2).only(List.of(moved)));
        StateDict model = SafeTensors.read(folder.resolve("out/model.safetensors"));
        assertThat(model.names()).containsExactlyElementsOf(layout.shapes().keySet());
        model.tensors()
                .forEach(tensor -> assertThat(tensor.bytes().getFloat())
                        .as(tensor.name())
                        .isEqualTo(tensor.name().equals(moved) ? 2 : 1));
    }

    @Test
    void checkpointThatMovedNothingIsItsStartingWeights() throws IOException {
        StateDict starting = filled(Layout.of(job.network(), 3, SIZE), 1);
        SafeTensors.write(folder.resolve("starting"), starting);
        export(StateDict.of(List.of()));
        StateDict model = SafeTensors.read(folder.resolve("out/model.safetensors"));
        assertThat(model.differingFrom(starting).names()).isEmpty();
    }

    @Test
    void checkpointWithoutAHeadIsRefused() {
        assertThatThrownBy(() -> export(StateDict.of(List.of()))).hasMessageContaining("missing out.weight");
    }
}
