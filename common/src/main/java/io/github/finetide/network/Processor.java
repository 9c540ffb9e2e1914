package io.github.finetide.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What this machine's processor can multiply fast. Elsewhere bf16 and int8 are computed, too, but
 * slower than fp32, or, in int8, with sums that overflow.
 *
 * @param flags of Linux's {@code /proc/cpuinfo}
 */
record Processor(Set<String> flags) {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    Processor {
        flags = Set.copyOf(flags);
    }

    /** Reads it; where there is no such file nothing is known to be fast. */
    static Processor here() {
        try {
            return parse(Files.readString(CPU_INFO));
        } catch (IOException otherSystem) {
            return new Processor(Set.of());
        }
    }

    static Processor parse(String cpuInfo) {
        return cpuInfo.lines()
                .filter(line -> line.startsWith("flags") && line.indexOf(':') > 0)
                .findFirst()
                .map(line -> new Processor(
                        Set.of(line.substring(line.indexOf(':') + 1).trim().split("\\s+"))))
                .orElse(new Processor(Set.of()));
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
