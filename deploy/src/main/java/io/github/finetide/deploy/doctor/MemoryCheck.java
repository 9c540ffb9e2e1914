package io.github.finetide.deploy.doctor;

import io.github.finetide.runtime.NativeSettings;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The memory that a worker would have, and how it would be handed out. */
final class MemoryCheck {
    private static final double GIB = 1L << 30;

    /** A trainer with ResNet152 in batches of 64 takes 2.7 GB (README.md), the JVM's other parts come on top. */
    private static final double ENOUGH_GIB = 4;

    private MemoryCheck() {}

    /** @param totalBytes the machine's, or its container's */
    static CheckResult memory(long totalBytes) {
        String found = String.format(Locale.ROOT, "%.1f GiB for this machine or container", totalBytes / GIB);
        return totalBytes >= ENOUGH_GIB * GIB
                ? CheckResult.good("Memory", found)
                : CheckResult.advised(
                        "Memory",
                        found,
                        "a worker with ResNet152 wants " + (int) ENOUGH_GIB + " GiB: smaller batches (batchSize,"
                                + " --max-batch) and --model-memory need less");
    }

    static CheckResult allocator(String system, Map<String, String> environment) {
        Optional<String> warning = NativeSettings.allocatorWarning(system, environment);
        return warning.map(advice -> CheckResult.advised("Allocator", "as the system has it", advice))
                .orElseGet(() -> CheckResult.good("Allocator", "set up"));
    }
}
