package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.learning.Learner;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GoldenImagesTest {
    private static final int EDGE = 32;
    private static final String BACKBONE = "conv1.0.weight";
    private static final String HEAD = "out.bias";

    @TempDir
    Path folder = Path.of("");

    @Test
    void fixedFeaturesAreComputedOnceAndTheHeadIsAlwaysTheNewest() throws IOException {
        StateDict weights = weights();
        Network network = Network.open(NetworkOptions.of(Architecture.CNN), weights);
        try (Learner learner = new Learner(job(), network, Optional.empty(), null)) {
            GoldenImages kept = new GoldenImages(pixels(), true);
            GoldenImages moving = new GoldenImages(pixels(), false);
            List<Float> first = probabilities(kept, learner);
            assertThat(probabilities(moving, learner)).isEqualTo(first);

            network.load(StateDict.of(List.of(zeros(weights, BACKBONE))));
            assertThat(probabilities(kept, learner)).as("without the backbone").isEqualTo(first);
            assertThat(probabilities(moving, learner)).as("with the backbone").isNotEqualTo(first);

            network.load(StateDict.of(List.of(zeros(weights, HEAD))));
            assertThat(probabilities(kept, learner)).as("with another head").isNotEqualTo(first);
        }
    }

    private static List<Float> probabilities(GoldenImages golden, Learner learner) {
        TensorData data = golden.seenBy(learner).get("probabilities");
        assertThat(data.shape()).containsExactly(2, Made.CLASSES);
        ByteBuffer bytes = data.bytes().order(ByteOrder.LITTLE_ENDIAN);
        return IntStream.range(0, 2 * Made.CLASSES)
                .mapToObj(i -> bytes.getFloat(i * Float.BYTES))
                .toList();
    }

    private static TensorData zeros(StateDict weights, String name) {
        TensorData there = weights.get(name);
        return new TensorData(
                name,
                there.type(),
                there.shape(),
                ByteBuffer.allocate(there.bytes().remaining()));
    }

    private static TensorData pixels() {
        byte[] pixels = new byte[2 * EDGE * EDGE * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (i * 31);
        }
        return new TensorData("images", ElementType.U8, new long[] {2, EDGE, EDGE, 3}, ByteBuffer.wrap(pixels));
    }

    private StateDict weights() throws IOException {
        return SafeTensors.read(Made.weights(folder.resolve("weights.safetensors"), Architecture.CNN, EDGE));
    }

    private static TrainingJob job() {
        String json = """
                {"jobId": "golden", "model": "m", "network": "cnn", "imageSize": %d, "weights": "random:1",
                 "dataset": {"train": "file:///t.txt", "validation": "file:///v.txt"}}
                """.formatted(EDGE);
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }
}
