package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever {@code torch.load(weights_only=True)} reads is read, equal: see {@code torch_files.py}. */
final class TorchFormsTest {
    static Stream<String> files() throws IOException {
        List<String> names = new ArrayList<>();
        expected().fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    private static JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(Golden.resource("torch/read.json").toFile());
    }

    @ParameterizedTest
    @MethodSource("files")
    void itIsReadAsPyTorchReadsIt(String name) throws IOException {
        StateDict read = TorchFile.read(Golden.resource("torch/" + name + ".pth"));
        JsonNode wanted = expected().get(name);
        assertThat(read.names()).hasSize(wanted.size());
        for (Map.Entry<String, JsonNode> tensor : wanted.properties()) {
            TensorData data = read.get(tensor.getKey());
            JsonNode golden = tensor.getValue();
            assertThat(doubles(data)).as(tensor.getKey()).isEqualTo(doubles(golden.get("values")));
            assertThat(data.shape()).hasSize(golden.get("shape").size());
            for (int i = 0; i < data.shape().length; i++) {
                assertThat(data.shape()[i]).isEqualTo(golden.get("shape").get(i).asLong());
            }
        }
    }

    private static List<Double> doubles(JsonNode values) {
        List<Double> doubles = new ArrayList<>();
        values.forEach(value -> doubles.add(value.asDouble()));
        return doubles;
    }

    private static List<Double> doubles(TensorData data) {
        List<Double> doubles = new ArrayList<>();
        ByteBuffer bytes = data.bytes();
        while (bytes.hasRemaining()) {
            doubles.add(data.type() == ElementType.F32 ? (double) bytes.getFloat() : (double) bytes.getLong());
        }
        return doubles;
    }
}
