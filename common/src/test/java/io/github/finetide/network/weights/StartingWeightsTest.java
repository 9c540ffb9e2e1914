package io.github.finetide.network.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Head;
import io.github.finetide.message.Sha256;
import io.github.finetide.network.Canonical;
import io.github.finetide.network.Golden;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class StartingWeightsTest {
    private static final WeightsFetch NOTHING_THERE = (source, target) -> {
        throw new FaultException(ErrorKind.UNAVAILABLE, source + " cannot be downloaded: no route to host");
    };

    @TempDir
    private Path cache;

    private final StartingWeights weights = new StartingWeights(Path.of("unused"), NOTHING_THERE, NOTHING_THERE);

    @Test
    void aNameThatMeansNothingIsRefused() {
        assertThatThrownBy(() -> weights.resolve("IMAGENET1K_V1", Architecture.RESNET50))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("weights: ")
                .hasMessageContaining("IMAGENET1K_V2, random:<seed>");
    }

    @Test
    void randomWeightsFollowFromTheSeed() throws IOException {
        StartingWeights first = new StartingWeights(cache.resolve("1"), NOTHING_THERE);
        StartingWeights second = new StartingWeights(cache.resolve("2"), NOTHING_THERE);
        ResolvedWeights once = first.resolve("random:5", Architecture.CNN);
        assertThat(second.resolve("random:5", Architecture.CNN).sha256()).isEqualTo(once.sha256());
        assertThat(first.resolve("random:5", Architecture.CNN).file()).isEqualTo(once.file());
        assertThat(first.resolve("random:6", Architecture.CNN).sha256()).isNotEqualTo(once.sha256());
        assertThat(once.file()).hasFileName(once.sha256() + ".safetensors");
        assertThat(Sha256.hex(once.file())).isEqualTo(once.sha256());
    }

    @Test
    void aFileBecomesTheSameWeightsWhateverItsFormatAndIsNotKept() throws IOException {
        StateDict cnn = HashedNumbers.weights(Architecture.CNN, 3, 8);
        Path file = cache.resolve("mine");
        SafeTensors.write(file, cnn);
        StartingWeights named = new StartingWeights(cache.resolve("c"), StartingWeightsTest::copy);
        ResolvedWeights resolved = named.resolve(file.toUri().toString(), Architecture.CNN);
        assertThat(resolved.dict().differingFrom(cnn).names()).isEmpty();
        try (Stream<Path> files = Files.list(cache.resolve("c"))) {
            assertThat(files).containsExactlyInAnyOrder(resolved.file(), cache.resolve("c/.lock"));
        }
    }

    @Test
    void weightsOfAnotherNetworkAreRefusedWithAList() throws IOException {
        Path file = cache.resolve("mine");
        SafeTensors.write(
                file,
                StateDict.of(List.of(
                        TensorData.of("conv1.0.weight", new long[] {1}, 1),
                        TensorData.of("module.out.bias", new long[] {1}, 1))));
        StartingWeights named = new StartingWeights(cache.resolve("c"), StartingWeightsTest::copy);
        assertThatThrownBy(() -> named.resolve(file.toUri().toString(), Architecture.CNN))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("weights do not fit cnn in 9 places")
                .hasMessageContaining("conv1.0.weight is [1], not [16, 3, 5, 5]")
                .hasMessageContaining("missing conv3.0.bias")
                .hasMessageContaining("extra module.out.bias (saved from DataParallel");
    }

    @ParameterizedTest
    @ValueSource(strings = {"module.", "model.", "backbone.", "_orig_mod.", "module.encoder_q.", "model._orig_mod."})
    void aPrefixOfAllNamesIsTakenOffAndSaid(String prefix) throws IOException {
        StateDict cnn = HashedNumbers.weights(Architecture.CNN, 3, 8);
        ResolvedWeights resolved = resolve(prefixed(cnn, prefix), Head.PRETRAINED);
        assertThat(resolved.dict().differingFrom(cnn).names()).isEmpty();
        assertThat(resolved.warnings()).singleElement().asString().contains("\"" + prefix + "\"");
    }

    @Test
    void twoNetworksInAFileAreRefusedAndBothNamed() {
        StateDict cnn = HashedNumbers.weights(Architecture.CNN, 3, 8);
        StateDict both = prefixed(cnn, "student.").with(prefixed(cnn, "teacher."));
        assertThatThrownBy(() -> resolve(both, Head.NEW))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("\"student.\" and \"teacher.\"");
    }

    @Test
    void withANewHeadTheFilesOwnMayHaveAnyNameShapeAndValues() throws IOException {
        StateDict cnn = HashedNumbers.weights(Architecture.CNN, 3, 8);
        StateDict backbone = cnn.without(List.of("out.weight", "out.bias"));
        for (TensorData head : List.of(
                TensorData.of("classifier.1.weight", new long[] {1, 2, 3}, new float[6]),
                TensorData.of("out.weight", new long[] {1}, Float.NaN),
                new TensorData("out.bias", ElementType.I64, new long[0], ByteBuffer.allocate(8)))) {
            ResolvedWeights resolved = resolve(backbone.with(StateDict.of(List.of(head))), Head.NEW);
            assertThat(resolved.dict().differingFrom(backbone).names()).isEmpty();
            assertThat(String.join("", resolved.warnings()))
                    .isEqualTo(
                            head.name().startsWith("out") ? "" : "left out, beside the backbone: classifier.1.weight");
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void weightsThatAreNotFiniteAreRefusedByName(float value) {
        StateDict cnn = HashedNumbers.weights(Architecture.CNN, 3, 8);
        float[] values = Golden.floats(cnn.get("conv3.0.bias"));
        values[63] = value;
        StateDict damaged = cnn.with(StateDict.of(List.of(TensorData.of("conv3.0.bias", new long[] {64}, values))));
        assertThatThrownBy(() -> resolve(damaged, Head.NEW))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining(cache.resolve("mine").toUri().toString())
                .hasMessageContaining("conv3.0.bias F32[64] holds " + value);
    }

    @Test
    void doublesBeyondFloatAreRefused() {
        StateDict cnn = HashedNumbers.weights(Architecture.CNN, 3, 8);
        ByteBuffer doubles = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        doubles.putDouble(80, -1e39);
        TensorData bias = new TensorData("conv3.0.bias", ElementType.F64, new long[] {64}, doubles);
        assertThatThrownBy(() -> resolve(cnn.with(StateDict.of(List.of(bias))), Head.NEW))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("conv3.0.bias F64[64] holds -1.0E39, more than fp32 can");
    }

    @Test
    void aNegativeVarianceIsRefused() {
        Layout layout = Layout.of(Architecture.RESNET50, 2, 64);
        StateDict resnet = InitialWeights.backbone(Architecture.RESNET50, 1);
        float[] variance = new float[64];
        variance[5] = -1e-3f;
        StateDict damaged =
                resnet.with(StateDict.of(List.of(TensorData.of("bn1.running_var", new long[] {64}, variance))));
        assertThatThrownBy(() -> Canonical.of(layout, damaged))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("bn1.running_var F32[64] holds -0.001, and a variance is not negative");
    }

    @Test
    void batchCountsOfOtherTypesAndShapesAreTakenAsPyTorchTakesThem() {
        Layout layout = Layout.of(Architecture.RESNET50, 2, 64);
        StateDict resnet = InitialWeights.backbone(Architecture.RESNET50, 1);
        ByteBuffer integers =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(0, 7);
        StateDict counted = resnet.with(StateDict.of(List.of(
                new TensorData("bn1.num_batches_tracked", ElementType.I32, new long[] {2}, integers),
                TensorData.of("layer1.0.bn1.num_batches_tracked", new long[] {1}, 9.9f))));
        StateDict read = Canonical.of(layout, counted);
        TensorData first = read.get("bn1.num_batches_tracked");
        assertThat(first.shape()).isEmpty();
        assertThat(first.bytes().getLong()).isEqualTo(7);
        assertThat(read.get("layer1.0.bn1.num_batches_tracked").bytes().getLong())
                .isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {}} | index (weight_map)",
                "version https://git-lfs.github.com/spec/v1 | Git LFS pointer",
                "<!DOCTYPE html><html> | HTML page",
                "GGUF12345678901234 | GGUF file",
                "Not Found | plain text",
                "BZh9abcdefgh | a bzip2 file; unpack it"
            })
    void aFileThatIsSomethingElseIsCalledThat(String content, String called) throws IOException {
        Path file = Files.writeString(cache.resolve("mine"), content);
        StartingWeights named = new StartingWeights(cache.resolve("c"), StartingWeightsTest::copy);
        assertThatThrownBy(() -> named.resolve(file.toUri().toString(), Architecture.CNN))
                .isInstanceOf(FaultException.class)
                .hasMessageStartingWith(file.toUri().toString())
                .hasMessageContaining("it is ")
                .hasMessageContaining(called)
                .hasMessageNotContaining(".part-");
    }

    @Test
    void theTarFormatOfOldPyTorchIsCalledThat() throws IOException {
        byte[] tar = new byte[1024];
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        tar[0] = 's';
        Path file = Files.write(cache.resolve("mine.tar"), tar);

        assertThatThrownBy(() -> new StartingWeights(cache.resolve("c"), StartingWeightsTest::copy)
                        .resolve(file.toUri().toString(), Architecture.CNN))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining(
                        "a tar archive; unpack it, or save it again where PyTorch before 0.1.10 wrote it");
    }

    private static StateDict prefixed(StateDict dict, String prefix) {
        return StateDict.of(dict.tensors().stream()
                .map(tensor -> tensor.named(prefix + tensor.name()))
                .toList());
    }

    private ResolvedWeights resolve(StateDict content, Head head) throws IOException {
        Path file = cache.resolve("mine");
        SafeTensors.write(file, content);
        return new StartingWeights(cache.resolve("c"), StartingWeightsTest::copy)
                .resolve(file.toUri().toString(), Architecture.CNN, head);
    }

    @Test
    void aDownloadThatFailsSaysWhatToDo() {
        StartingWeights published = new StartingWeights(cache, NOTHING_THERE, NOTHING_THERE);
        assertThatThrownBy(() -> published.resolve("IMAGENET1K_V2", Architecture.RESNET152))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("no route to host")
                .hasMessageContaining("put the file into the weights cache as " + cache)
                .hasMessageContaining("resnet152-f82ba261.pth");
    }

    @Test
    void aDownloadWithTheWrongHashIsNotKept() {
        WeightsFetch damaged = (source, target) -> write(target);
        StartingWeights published = new StartingWeights(cache, NOTHING_THERE, damaged);
        assertThatThrownBy(() -> published.resolve("IMAGENET1K_V2", Architecture.RESNET50))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("arrived damaged")
                .hasMessageContaining("not 11ad3fa6");
        assertThat(cache.resolve("resnet50-11ad3fa6.pth")).doesNotExist();
    }

    @Test
    void aFreshHeadIsDrawnAsLinearDrawsIt() {
        StateDict head = InitialWeights.head(Architecture.RESNET50, 20, 64, 1);
        float[] weight = Golden.floats(head.get("fc.weight"));
        double bound = 1 / Math.sqrt(2048);
        double sum = 0;
        double squares = 0;
        for (float value : weight) {
            assertThat((double) value).isBetween(-bound, bound);
            sum += value;
            squares += (double) value * value;
        }
        assertThat(weight).hasSize(20 * 2048);
        assertThat(sum / weight.length / bound).isBetween(-0.02, 0.02);
        assertThat(squares / weight.length / (bound * bound / 3)).isBetween(0.98, 1.02);
        assertThat(Golden.floats(head.get("fc.bias"))).hasSize(20);
    }

    private static void copy(URI source, Path target) {
        try {
            Files.copy(Path.of(source), target);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void write(Path target) {
        try {
            Files.writeString(target, "not what was published");
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
