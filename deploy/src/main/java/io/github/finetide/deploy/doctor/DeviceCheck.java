package io.github.finetide.deploy.doctor;

import io.github.finetide.message.FaultException;
import io.github.finetide.network.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** libtorch, and the GPU that it may compute on. */
final class DeviceCheck {
    private static final double GIB = 1L << 30;

    private final Path system;
    private final String flavor;

    /**
     * @param system {@code /}, or a folder that stands for it
     * @param classPath names the build of libtorch
     */
    DeviceCheck(Path system, String classPath) {
        this.system = system;
        this.flavor = flavor(classPath);
    }

    /** As {@code cpu-2.7.1-linux-x86_64} or {@code cu128-...}, from the name of the jar that brings it. */
    static String flavor(String classPath) {
        return Stream.of(classPath.split("[:;]"))
                .map(jar -> jar.replaceAll(".*[/\\\\]", ""))
                .filter(jar -> jar.startsWith("pytorch-native-"))
                .map(jar -> jar.substring("pytorch-native-".length()).replace(".jar", ""))
                .collect(Collectors.joining(", "));
    }

    /** Loads libtorch. */
    CheckResult libtorch() {
        try {
            return CheckResult.good("libtorch", Devices.libtorch().version() + ", build " + flavor);
        } catch (FaultException failed) {
            return CheckResult.obstacle("libtorch", "build " + flavor, String.valueOf(failed.getMessage()));
        }
    }

    /**
     * What stands between a GPU and libtorch.
     *
     * @param seen GPUs that libtorch sees
     * @param runtime of CUDA, where it answers
     * @param memory of the first GPU
     */
    CheckResult gpu(int seen, Optional<String> runtime, Optional<Devices.Memory> memory) {
        String hardware = hardware();
        String found = Stream.of(
                        hardware.isEmpty() ? "none that the driver lists" : hardware,
                        driver().map(version -> "driver " + version).orElse("no NVIDIA driver"),
                        runtime.map(version -> "CUDA runtime " + version).orElse("no CUDA runtime"),
                        memory.map(DeviceCheck::text).orElse(""))
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining("; "));
        if (seen > 0) {
            return CheckResult.good("GPU", found + "; --device auto uses the first of " + seen);
        }
        boolean cudaBuild = flavor.contains("cu1");
        if (driver().isPresent() && !cudaBuild) {
            return CheckResult.advised(
                    "GPU",
                    found,
                    "this build computes on the processor: FINETIDE_FLAVOR=cuda"
                            + " deploy/finetide, or mvn -Pcuda, makes the one with CUDA");
        }
        if (driver().isPresent()) {
            return CheckResult.advised(
                    "GPU",
                    found,
                    "libtorch sees none: the driver must be as new as the build's CUDA"
                            + " (12.8: driver 570), and CUDA_VISIBLE_DEVICES and the container must let one through");
        }
        return cudaBuild
                ? CheckResult.advised(
                        "GPU",
                        found,
                        "install NVIDIA's driver, and start containers with their GPUs"
                                + " (--gpus all); until then --device auto computes on the processor")
                : CheckResult.good("GPU", found);
    }

    private static String text(Devices.Memory memory) {
        return String.format(
                Locale.ROOT, "%.1f of %.1f GiB in use", memory.usedBytes() / GIB, memory.totalBytes() / GIB);
    }

    private Optional<String> driver() {
        return read(system.resolve("proc/driver/nvidia/version"))
                .map(text -> text.replaceFirst("(?s).*?Module[^0-9]*([0-9.]+).*", "$1"));
    }

    private String hardware() {
        Path folder = system.resolve("proc/driver/nvidia/gpus");
        try (Stream<Path> gpus = Files.list(folder)) {
            List<String> models = gpus.map(
                            gpu -> read(gpu.resolve("information")).orElse(""))
                    .map(text -> text.replaceFirst("(?s).*?Model:\\s*([^\\n]+).*", "$1"))
                    .toList();
            return String.join(", ", models);
        } catch (IOException none) {
            return "";
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException none) {
            return Optional.empty();
        }
    }
}
