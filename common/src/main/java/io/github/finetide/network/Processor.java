package io.github.finetide.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this machine's processor can multiply fast. Elsewhere bf16 and int8 are computed, too, but
 * slower than fp32, or, in int8, with sums that overflow.
 *
 * @param model vendor, family and model, of Linux's {@code /proc/cpuinfo}; empty where that is not known
 * @param flags of the same
 */
record Processor(String model, Set<String> flags) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    Processor {
        flags = Set.copyOf(flags);
    }

    /** Reads it; where there is no such file nothing is known to be fast. */
    static Processor here() {
        try {
            return parse(Files.readString(CPU_INFO));
        } catch (IOException otherSystem) {
            return new Processor("", Set.of());
        }
    }

    static Processor parse(String cpuInfo) {
        Set<String> flags = value(cpuInfo, "flags")
                .map(words -> Set.of(words.split("\\s+")))
                .orElse(Set.of());
        String model = Stream.of("vendor_id", "cpu family", "model")
                .flatMap(name -> value(cpuInfo, name).stream())
                .collect(Collectors.joining(" "));
        return new Processor(model, flags);
    }

    private static Optional<String> value(String cpuInfo, String name) {
        return cpuInfo.lines()
                .map(line -> line.split(":", 2))
                .filter(parts -> parts.length == 2 && parts[0].strip().equals(name))
                .map(parts -> parts[1].strip())
                .filter(value -> !value.isEmpty())
                .findFirst();
    }

    /** What decides which instructions libtorch chooses, and how it cuts up its work: the last bits of a sum. */
    String kind() {
        return model + " "
                + flags.stream()
                        .filter(flag -> flag.startsWith("avx") || flag.startsWith("amx") || flag.equals("fma"))
                        .sorted()
                        .collect(Collectors.joining(" "));
    }

    boolean multipliesBf16() {
        return has("avx512_bf16") || has("amx_bf16");
    }

    boolean multipliesInt8() {
        return has("avx512_vnni") || has("avx_vnni") || has("amx_int8");
    }

    private boolean has(String flag) {
        return flags.contains(flag);
    }
}
