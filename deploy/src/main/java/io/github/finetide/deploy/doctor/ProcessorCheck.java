package io.github.finetide.deploy.doctor;

import io.github.finetide.message.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The processor as Linux describes it; elsewhere little is known. */
final class ProcessorCheck {
    /** The instructions that precisions are fast by. */
    private static final Set<String> INSTRUCTIONS = Set.of(
            "avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8", "asimd");

    private final Path system;

    /** @param system {@code /}, or a folder that stands for it */
    ProcessorCheck(Path system) {
        this.system = system;
    }

    CheckResult processor() {
        String name = field("model name");
        return CheckResult.good(
                "Processor",
                "%s, family %s model %s, %d cores for this process"
                        .formatted(
                                name,
                                field("cpu family"),
                                field("model"),
                                Runtime.getRuntime().availableProcessors()));
    }

    /** @param faster precisions that were tried on this processor and are worth while */
    CheckResult instructions(Set<Precision> faster) {
        Set<String> found = new TreeSet<>(List.of(field("flags").split("\\s+")));
        found.retainAll(INSTRUCTIONS);
        String text = String.join(" ", found);
        if (faster.containsAll(Set.of(Precision.INT8, Precision.BF16))) {
            return CheckResult.good("Instructions", text + ": int8 and bf16 are faster than fp32");
        }
        String missing = Stream.of(Precision.INT8, Precision.BF16)
                .filter(precision -> !faster.contains(precision))
                .map(Precision::wire)
                .collect(Collectors.joining(" and "));
        return CheckResult.advised(
                "Instructions",
                text.isEmpty() ? "unknown" : text,
                missing + " would be no faster than fp32: int8 takes AVX512-VNNI, AVX-VNNI or AMX, bf16 takes"
                        + " AVX512-BF16 or AMX. A virtual machine may hide what its host has (cpu mode"
                        + " host-passthrough shows it)");
    }

    /** oneDNN plans its work by the caches' sizes. */
    CheckResult caches() {
        String sizes = cacheSizes();
        if (!sizes.isEmpty()) {
            return CheckResult.good("Caches", sizes);
        }
        return CheckResult.advised(
                "Caches",
                "not visible",
                "the virtual machine hides them: Finetide keeps clear of the kernel of oneDNN that dies there, other"
                        + " programs may not. With QEMU, host-cache-info=on shows them");
    }

    private String cacheSizes() {
        Path folder = system.resolve("sys/devices/system/cpu/cpu0/cache");
        try (Stream<Path> indexes = Files.list(folder)) {
            return indexes.filter(index -> index.getFileName().toString().startsWith("index"))
                    .sorted()
                    .map(index -> "L" + text(index.resolve("level")) + " "
                            + text(index.resolve("type")).toLowerCase(Locale.ROOT) + " "
                            + text(index.resolve("size")))
                    .collect(Collectors.joining(", "));
        } catch (IOException hidden) {
            return "";
        }
    }

    private String field(String name) {
        return text(system.resolve("proc/cpuinfo"))
                .lines()
                .map(line -> line.split(":", 2))
                .filter(pair -> pair.length == 2 && pair[0].strip().equals(name))
                .map(pair -> pair[1].strip())
                .findFirst()
                .orElse("unknown");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException otherSystem) {
            return "";
        }
    }
}
