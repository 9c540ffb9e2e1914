package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MachineFactsTest {
    @Test
    void onlyFlagsThatDecideSpeedAreNamed() {
        List<String> processors = List.of("flags\t\t: fpu sse avx2 avx512f avx512_bf16 aes", "flags : mmx");

        assertThat(MachineFacts.flags(processors)).isEqualTo("avx2 avx512_bf16 avx512f");
    }

    @Test
    void theVersionOfLibtorchIsThatOfItsJar() {
        assertThat(MachineFacts.libtorch("/app/api.jar:/app/pytorch-native-cpu-2.7.1-linux-x86_64.jar"))
                .isEqualTo("cpu-2.7.1-linux-x86_64");
        assertThat(MachineFacts.libtorch("/app/api.jar")).isEqualTo("unknown");
    }

    @Test
    void theAllocatorIsShownAsItIsSet() {
        assertThat(MachineFacts.allocator(Map.of("MALLOC_ARENA_MAX", "4")))
                .startsWith("MALLOC_ARENA_MAX=4 ")
                .contains("MALLOC_TOP_PAD_=(by the bench)");
    }

    @Test
    void memoryIsReadFromTheKernelsOwnTable() {
        assertThat(Soak.megabytes(List.of("VmHWM:\t 2048 kB", "VmRSS:\t 1024 kB"), "VmRSS"))
                .isEqualTo(1);
    }
}
