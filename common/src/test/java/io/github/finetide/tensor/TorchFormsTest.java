package io.github.finetide.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "beside-state_dict",
                "beside-model",
                "beside-model_state_dict",
                "beside-model_ema",
                "beside-stream",
                "beside-protocol4"
            })
    void theStateDictBesideOtherObjectsIsReadAndSaid(String name) throws IOException {
        Path file = Golden.resource("torch/" + name + ".pth");
        ReadWeights read = TorchFile.read(file, name, names -> true);
        StateDict alone = TorchFile.read(Golden.resource("torch/protocol4.pth"));
        assertThat(read.dict().names()).isEqualTo(alone.names());
        assertThat(read.dict().differingFrom(alone).names()).isEmpty();
        assertThat(read.warnings()).singleElement().asString().startsWith("the file's entry ");
    }

    static Stream<String> refused() throws IOException {
        List<String> names = new ArrayList<>();
        reasons().fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    private static JsonNode reasons() throws IOException {
        return new ObjectMapper().readTree(Golden.resource("torch/refused.json").toFile());
    }

    @ParameterizedTest
    @MethodSource("refused")
    void anythingElseIsRefusedForItsTrueReason(String name) throws IOException {
        String reason = reasons().get(name).asText();
        assertThatThrownBy(
                        () -> TorchFile.read(Golden.resource("torch/" + name + ".pth"), "s3://b/mine", names -> true))
                .isInstanceOf(FaultException.class)
                .hasMessageStartingWith("s3://b/mine is no PyTorch state dict: ")
                .hasMessageContaining(reason);
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
