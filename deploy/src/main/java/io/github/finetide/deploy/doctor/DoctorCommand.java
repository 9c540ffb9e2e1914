package io.github.finetide.deploy.doctor;

import com.sun.management.OperatingSystemMXBean;
import io.github.finetide.deploy.Screen;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import io.github.finetide.network.DeviceChoice;
import io.github.finetide.network.DeviceTrial;
import io.github.finetide.network.Devices;
import io.github.finetide.network.FastPages;
import io.github.finetide.options.ExitCode;
import io.github.finetide.options.Verbosity;
import io.github.finetide.runtime.NativeSettings;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code finetide doctor}: what this machine has for workers, and what to do about what it lacks. */
@Command(
        name = "doctor",
        description = "Shows what decides on this machine how fast workers are, and what to do about what is missing.")
public final class DoctorCommand implements Callable<Integer> {
    private static final Path SYSTEM = Path.of("/");
    private static final int TRIAL_IMAGE_SIZE = 256;
    private static final int TRIAL_BATCH = 32;

    @Option(
            names = "--try",
            paramLabel = "cpu|cuda|mps",
            description = "Also compare what ResNet152 computes there with the processor, and time it.")
    private @Nullable DeviceChoice tried;

    @Mixin
    Verbosity verbosity = new Verbosity();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() {
        NativeSettings.prepare(Runtime.getRuntime().availableProcessors());
        List<CheckResult> findings = findings();
        findings.forEach(this::show);
        if (findings.stream().anyMatch(CheckResult::isObstacle)) {
            return ExitCode.FAILURE;
        }
        return tried == null || holds(tried) ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static List<CheckResult> findings() {
        ProcessorCheck processor = new ProcessorCheck(SYSTEM);
        DeviceCheck devices = new DeviceCheck(SYSTEM, System.getProperty("java.class.path"));
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        CheckResult libtorch = devices.libtorch();
        Set<Precision> faster = libtorch.isObstacle() ? Set.of() : FastPages.fasterThanFp32();
        int gpus = libtorch.isObstacle() ? 0 : Devices.libtorch().gpus();
        List<CheckResult> findings = new ArrayList<>();
        findings.add(CheckResult.good(
                "Java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version")));
        findings.add(processor.processor());
        findings.add(processor.instructions(faster));
        findings.add(processor.caches());
        findings.add(MemoryCheck.memory(system.getTotalMemorySize()));
        findings.add(MemoryCheck.allocator(System.getProperty("os.name"), System.getenv()));
        findings.add(libtorch);
        findings.add(devices.gpu(
                gpus, Devices.cudaRuntime(), libtorch.isObstacle() ? Optional.empty() : Devices.gpuMemory()));
        return findings;
    }

    private void show(CheckResult finding) {
        screen.line("%-13s %s", finding.subject(), finding.found());
        if (!finding.advice().isEmpty()) {
            screen.line("%-13s %s %s", "", finding.isObstacle() ? "STOP:" : "->", finding.advice());
        }
    }

    private boolean holds(DeviceChoice choice) {
        AtomicBoolean holds = new AtomicBoolean(true);
        try {
            new DeviceTrial(choice, Architecture.RESNET152, TRIAL_IMAGE_SIZE, TRIAL_BATCH).run(check -> {
                holds.compareAndSet(true, check.passed());
                screen.line(
                        "%-4s %-50s %s%s",
                        check.passed() ? "ok" : "FAIL",
                        check.name(),
                        check.measured(),
                        check.allowed().isEmpty() ? "" : " (at most " + check.allowed() + ")");
            });
        } catch (FaultException missing) {
            screen.line("FAIL %s", missing.detail().message());
            return false;
        }
        return holds.get();
    }
}
