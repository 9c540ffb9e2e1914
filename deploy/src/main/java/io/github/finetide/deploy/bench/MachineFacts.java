package io.github.finetide.deploy.bench;

import io.github.finetide.runtime.NativeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What of this machine decides how fast networks run on it. */
final class MachineFacts {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final Path MEMORY = Path.of("/proc/meminfo");

    /** Instructions that a precision is fast or slow by. */
    private static final Set<String> DECISIVE = Set.of(
            "avx2",
            "avx512f",
            "avx512_vnni",
            "avx512_bf16",
            "avx_vnni",
            "amx_tile",
            "amx_bf16",
            "amx_int8",
            "asimd",
            "bf16",
            "i8mm");

    private MachineFacts() {}

    /** Facts by name, in the order to be shown. */
    static Map<String, String> read() {
        List<String> processors = lines(PROCESSORS);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("processor", field(processors, "model name") + ", " + family(processors));
        facts.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        facts.put("flags", flags(processors));
        facts.put("memory", gibibytes(field(lines(MEMORY), "MemTotal")));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        facts.put("libtorch", libtorch(System.getProperty("java.class.path")));
        facts.put("allocator", allocator(System.getenv()));
        return facts;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException notLinux) {
            return List.of();
        }
    }

    private static String family(List<String> processors) {
        return "family %s model %s".formatted(field(processors, "cpu family"), field(processors, "model"));
    }

    /** The first value under a name, as the kernel's files write them. */
    static String field(List<String> lines, String name) {
        return lines.stream()
                .map(line -> line.split(":", 2))
                .filter(pair -> pair.length == 2 && pair[0].strip().equals(name))
                .map(pair -> pair[1].strip())
                .findFirst()
                .orElse("unknown");
    }

    /** Those of the flags that matter here. */
    static String flags(List<String> processors) {
        Set<String> found = new TreeSet<>(List.of(field(processors, "flags").split(" ")));
        found.retainAll(DECISIVE);
        return String.join(" ", found);
    }

    private static String gibibytes(String kilobytes) {
        String digits = kilobytes.replaceAll("[^0-9]", "");
        return digits.isEmpty()
                ? kilobytes
                : String.format(Locale.ROOT, "%.0f GiB", Double.parseDouble(digits) / (1 << 20));
    }

    /** From the name of the jar that brings it. */
    static String libtorch(String classPath) {
        return List.of(classPath.split("[:;]")).stream()
                .map(jar -> jar.replaceAll(".*[/\\\\]", ""))
                .filter(jar -> jar.startsWith("pytorch-native-"))
                .map(jar -> jar.substring("pytorch-native-".length()).replace(".jar", ""))
                .findFirst()
                .orElse("unknown");
    }

    /** The variables of glibc that are set; contestants get the project's for those that are not. */
    static String allocator(Map<String, String> environment) {
        return NativeSettings.ALLOCATOR.keySet().stream()
                .sorted()
                .map(name -> name + "=" + environment.getOrDefault(name, "(by the bench)"))
                .collect(Collectors.joining(" "));
    }
}
