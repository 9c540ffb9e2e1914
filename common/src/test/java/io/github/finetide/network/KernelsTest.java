package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelsTest {
    @TempDir
    Path folder;

    @Test
    void whatIsATenthFasterIsTaken() {
        assertThat(Kernels.parse(List.of("FP32 1.02", "BF16 1.7"))).containsExactly(Precision.BF16);
        assertThat(Kernels.parse(List.of("FP32 0", "BF16 0.9"))).isEmpty();
        assertThat(Kernels.parse(List.of())).isEmpty();
        assertThat(Kernels.parse(List.of("half a li"))).isEmpty();
    }

    @Test
    void aTrialThatDiesChoosesNothingAndTheProcessLives() throws IOException, InterruptedException {
        assertThat(Kernels.tried(Dying.class, folder.resolve("output"))).isEmpty();
        assertThat(Kernels.tried(Living.class, folder.resolve("output"))).containsExactly("BF16 1.5");
    }

    @Test
    void withoutAFolderNothingIsTried() {
        assertThat(Kernels.arePlain(Precision.BF16)).isFalse();
    }

    static final class Dying {
        private Dying() {}

        public static void main(String[] arguments) {
            System.out.println("BF16 1.5");
            Runtime.getRuntime().halt(136); // as a signal does
        }
    }

    static final class Living {
        private Living() {}

        public static void main(String[] arguments) {
            System.out.println("BF16 1.5");
        }
    }
}
