package io.github.finetide.network;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Older processors, as oneDNN and ATen see them: no page kills the process or computes something else. What the processor
 * does not have a cap cannot give, so on an old one the upper rows say no more than the lower.
 */
@Tag("foreign") // three processes with libtorch, each some seconds
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class CappedInstructionsIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"AVX2, avx2", "AVX512_CORE, avx512", "AVX512_CORE_VNNI, avx512"})
    void everyPageIsRightOrRefused(String oneDnn, String aten) throws IOException, InterruptedException {
        List<String> lines = lines(PagesTried.class, oneDnn, aten);
        assertThat(lines).contains("FP32 right");
        assertThat(lines.stream().filter(line -> line.matches("(BF16|INT8) (right|refused)")))
                .hasSize(2);
    }

    /** bf16 is refused there, by an exception: nothing is chosen, and fp32 is still measured. */
    @Test
    void theTrialOfKernelsSurvivesWhatAnOldProcessorRefuses() throws IOException, InterruptedException {
        assertThat(lines(KernelTrial.class, "AVX2", "avx2"))
                .isNotEmpty()
                .allMatch(line -> line.matches("FP32 [0-9.]+|BF16 0[.]000"));
    }

    private List<String> lines(Class<?> program, String oneDnn, String aten) throws IOException, InterruptedException {
        Path errors = folder.resolve("errors");
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                program.getName());
        builder.environment().put("ONEDNN_MAX_CPU_ISA", oneDnn);
        builder.environment().put("ATEN_CPU_CAPABILITY", aten);
        Process process = builder.redirectError(errors.toFile()).start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return lines;
    }
}
