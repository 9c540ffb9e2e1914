package io.github.finetide.deploy.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.network.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceCheckTest {
    private static final String CPU_BUILD = "/app/api.jar:/app/pytorch-native-cpu-2.7.1-linux-x86_64.jar";
    private static final String CUDA_BUILD = "/app/pytorch-native-cu128-2.7.1-linux-x86_64.jar:/app/api.jar";

    @TempDir
    Path system;

    @Test
    void theBuildIsReadFromTheNameOfItsJar() {
        assertThat(DeviceCheck.flavor(CPU_BUILD)).isEqualTo("cpu-2.7.1-linux-x86_64");
        assertThat(DeviceCheck.flavor(CUDA_BUILD)).isEqualTo("cu128-2.7.1-linux-x86_64");
    }

    @Test
    void aMachineWithoutAGpuLacksNothingWithTheBuildForProcessors() {
        assertThat(gpu(CPU_BUILD, 0)).satisfies(finding -> {
            assertThat(finding.found()).contains("no NVIDIA driver", "no CUDA runtime");
            assertThat(finding.advice()).isEmpty();
        });
        assertThat(gpu(CUDA_BUILD, 0).advice()).contains("install NVIDIA's driver");
    }

    @Test
    void aGpuBesideTheWrongBuildOrAnOldDriverIsSaid() throws IOException {
        installDriver();
        assertThat(gpu(CPU_BUILD, 0).advice()).contains("FINETIDE_FLAVOR=cuda");
        assertThat(gpu(CUDA_BUILD, 0).advice()).contains("driver must be as new");
    }

    @Test
    void aGpuThatIsSeenIsDescribed() throws IOException {
        installDriver();
        CheckResult finding = new DeviceCheck(system, CUDA_BUILD)
                .gpu(1, Optional.of("12.8, capability 9.0"), Optional.of(new Devices.Memory(3L << 30, 139L << 30)));

        assertThat(finding.advice()).isEmpty();
        assertThat(finding.found())
                .isEqualTo("NVIDIA H200; driver 570.86.15; CUDA runtime 12.8, capability 9.0; 3.0 of 139.0 GiB in use;"
                        + " --device auto uses the first of 1");
    }

    private CheckResult gpu(String build, int seen) {
        return new DeviceCheck(system, build).gpu(seen, Optional.empty(), Optional.empty());
    }

    private void installDriver() throws IOException {
        Path folder = Files.createDirectories(system.resolve("proc/driver/nvidia/gpus/0000:01:00.0"));
        Files.writeString(
                system.resolve("proc/driver/nvidia/version"),
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 23\nGCC version: 12\n");
        Files.writeString(folder.resolve("information"), "Model: \t\t NVIDIA H200\nIRQ: 17\n");
    }
}
