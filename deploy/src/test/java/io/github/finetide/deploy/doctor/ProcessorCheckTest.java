package io.github.finetide.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessorCheckTest {
    @TempDir
    Path system;

    private ProcessorCheck check;

    @BeforeEach
    void describeAProcessor() throws IOException {
        write("proc/cpuinfo", """
                vendor_id : AuthenticAMD
                cpu family : 25
                model      : 17
                model name : AMD EPYC
                flags      : fpu avx2 avx512f avx512_bf16 avx512_vnni
                """);
        check = new ProcessorCheck(system);
    }

    @Test
    void theProcessorIsNamed() {
        assertThat(check.processor().found()).startsWith("AMD EPYC, family 25 model 17");
    }

    @Test
    void instructionsThatMakeBothPrecisionsFastNeedNoAdvice() {
        CheckResult finding = check.instructions(Set.of(Precision.INT8, Precision.BF16));
        assertThat(finding.found()).startsWith("avx2 avx512_bf16 avx512_vnni avx512f");
        assertThat(finding.advice()).isEmpty();
    }

    @Test
    void aPrecisionThatIsNotFastHereIsNamedWithWhatItTakes() {
        CheckResult finding = check.instructions(Set.of(Precision.INT8));
        assertThat(finding.advice()).startsWith("bf16 would be").contains("AVX512-BF16 or AMX");
        assertThat(finding.isObstacle()).isFalse();
    }

    @Test
    void hiddenCachesAreExplained() throws IOException {
        assertThat(check.caches().advice()).contains("hides them");
        write("sys/devices/system/cpu/cpu0/cache/index2/level", "2\n");
        write("sys/devices/system/cpu/cpu0/cache/index2/type", "Unified\n");
        write("sys/devices/system/cpu/cpu0/cache/index2/size", "1024K\n");
        assertThat(check.caches()).isEqualTo(CheckResult.good("Caches", "L2 unified 1024K"));
    }

    private void write(String name, String text) throws IOException {
        Path file = system.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
