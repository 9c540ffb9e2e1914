package io.github.finetide.deploy.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code gpu-check}, with a stand-in for the command. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class GpuCheckTest {
    private static final Path SCRIPT = Path.of("gpu-check").toAbsolutePath();

    @TempDir
    Path folder;

    @Test
    void withoutAGpuItSaysSoAndChecksNothing() throws Exception {
        assumeFalse(Files.exists(Path.of("/proc/driver/nvidia/version")));
        Run run = run("exit 1", "cuda");
        assertThat(run.status).isEqualTo(3);
        assertThat(run.output).contains("no cuda device").contains("nothing was checked");
    }

    @Test
    void allThatHoldsIsSaidAndTheWorkersGetTheDevice() throws Exception {
        Run run = run("echo \"ok $* on ${FINETIDE_DEVICE:-none}\"", "cpu");
        assertThat(run.status).isZero();
        assertThat(run.output).contains("ok doctor --try cpu on none", "ok demo on cpu", "all holds on cpu");
    }

    @Test
    void whatFailsIsNamedAndTheRestIsStillChecked() throws Exception {
        Run run = run("[ \"$*\" != 'doctor --try cpu' ] || { echo 'FAIL bf16'; exit 1; }; echo \"ok $*\"", "cpu");
        assertThat(run.status).isEqualTo(1);
        assertThat(run.output).contains("FAIL bf16", "ok demo", "FAILED on cpu").contains(": network on cpu");
    }

    @Test
    void anUnknownDeviceIsWrongUsage() throws Exception {
        assertThat(run("exit 0", "tpu").status).isEqualTo(2);
    }

    private record Run(int status, String output) {}

    private Run run(String command, String device) throws IOException, InterruptedException {
        Path finetide = Files.writeString(folder.resolve("finetide"), "#!/usr/bin/env bash\n" + command + "\n");
        assertThat(finetide.toFile().setExecutable(true)).isTrue();
        ProcessBuilder builder = new ProcessBuilder(SCRIPT.toString(), device).redirectErrorStream(true);
        builder.environment().put("FINETIDE_COMMAND", finetide.toString());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Run(process.waitFor(), output);
    }
}
