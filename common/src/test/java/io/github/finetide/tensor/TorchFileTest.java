package io.github.finetide.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.FaultException;
import io.github.finetide.network.Canonical;
import io.github.finetide.network.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are PyTorch's own: see {@code weights_golden.py}. */
final class TorchFileTest {
    @ParameterizedTest
    @ValueSource(strings = {"tensors.pth", "tensors-stream.pth"})
    void tensorsOfEveryKindAreReadAsPyTorchWroteThem(String file) throws IOException {
        StateDict dict = TorchFile.read(Golden.resource(file));
        float[] base = hashed("base", 4, 6);
        assertThat(dict.names())
                .containsExactly(
                        "float32",
                        "float16",
                        "bfloat16",
                        "float64",
                        "int64",
                        "scalar",
                        "transposed",
                        "row",
                        "column",
                        "expanded",
                        "channels_last",
                        "parameter");
        assertThat(Golden.floats(dict.get("float32"))).containsExactly(base);
        assertThat(dict.get("int64").bytes().asLongBuffer().get(6)).isEqualTo(6);
        assertThat(dict.get("scalar").shape()).isEmpty();
        assertThat(dict.get("scalar").bytes().getLong()).isEqualTo(42);
        assertThat(dict.get("transposed").shape()).containsExactly(6, 4);
        assertThat(Golden.floats(dict.get("transposed"))[1]).isEqualTo(base[6]);
        assertThat(Golden.floats(dict.get("row"))).containsExactly(Arrays.copyOfRange(base, 12, 18));
        assertThat(Golden.floats(dict.get("column"))).containsExactly(base[1], base[7], base[13], base[19]);
        assertThat(Golden.floats(dict.get("expanded"))).hasSize(6).containsOnly(base[0]);
        assertThat(Golden.floats(dict.get("channels_last"))).containsExactly(hashed("images", 2, 3, 4, 5));
        assertThat(Golden.floats(dict.get("parameter"))).containsExactly(hashed("parameter", 2, 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"float16", "bfloat16", "float64"})
    void otherFloatingTypesBecomeFloat32(String name) throws IOException {
        TensorData tensor = TorchFile.read(Golden.resource("tensors.pth")).get(name);
        float[] converted = Golden.floats(Canonical.float32(tensor));
        float[] exact = hashed(name, 3, 5);
        for (int i = 0; i < exact.length; i++) {
            float tolerance = Math.abs(exact[i]) * (name.equals("float64") ? 0 : 1f / 256);
            assertThat(converted[i]).isBetween(exact[i] - tolerance, exact[i] + tolerance);
        }
    }

    @Test
    void halfPrecisionIsExactAtItsEdges() {
        assertThat(Canonical.half((short) 0x3C00)).isEqualTo(1f);
        assertThat(Canonical.half((short) 0xC000)).isEqualTo(-2f);
        assertThat(Canonical.half((short) 0x7BFF)).isEqualTo(65504f);
        assertThat(Canonical.half((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(Canonical.half((short) 0x03FF)).isEqualTo(1023 * 0x1p-24f);
        assertThat(Canonical.half((short) 0xFC00)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Canonical.half((short) 0x7C01)).isNaN();
    }

    @Test
    void ofATrainingCheckpointTheStateDictIsRead() throws IOException {
        StateDict alone = TorchFile.read(Golden.resource("tensors.pth"));
        StateDict within = TorchFile.read(Golden.resource("training.pth"));
        assertThat(within.names()).isEqualTo(alone.names());
        assertThat(within.differingFrom(alone).names()).isEmpty();
    }

    @Test
    void aPickledModuleIsRefusedBeforeAnythingIsMade() {
        assertThatThrownBy(() -> TorchFile.read(Golden.resource("module.pth")))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("it asks for torch.nn.modules.linear.Linear; only a state dict is read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tensors.pth", "tensors-stream.pth"})
    void damageIsAFaultAndNothingWorse(String file, @TempDir Path folder) throws IOException {
        byte[] sound = Files.readAllBytes(Golden.resource(file));
        Path damaged = folder.resolve("damaged.pth");
        for (int seed = 0; seed < 300; seed++) {
            Files.write(damaged, damage(sound, new Random(seed)));
            try {
                assertThat(TorchFile.read(damaged)).isNotNull();
            } catch (FaultException fault) {
                assertThat(fault).as("seed " + seed).hasMessageStartingWith("damaged.pth is no PyTorch state dict");
            }
        }
    }

    private static byte[] damage(byte[] sound, Random random) {
        byte[] damaged = Arrays.copyOf(sound, random.nextInt(4) == 0 ? random.nextInt(sound.length) : sound.length);
        for (int i = 0; i < 3 && damaged.length > 0; i++) {
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
        }
        return damaged;
    }

    private static float[] hashed(String name, long... shape) {
        return Golden.floats(HashedNumbers.weight(name, shape));
    }
}
