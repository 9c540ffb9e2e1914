package io.github.finetide.network.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.Golden;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertThat(WeightsCache.sha256(once.file())).isEqualTo(once.sha256());
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
