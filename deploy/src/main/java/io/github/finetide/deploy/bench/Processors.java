package io.github.finetide.deploy.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The cores of this machine. */
final class Processors {
    private static final Path STATUS = Path.of("/proc/self/status");

    private Processors() {}

    /** Those that this process may use, as the system counts them; none where it does not say. */
    static List<Integer> allowed() throws IOException {
        return Files.isReadable(STATUS)
                ? parse(MachineFacts.field(Files.readAllLines(STATUS), "Cpus_allowed_list"))
                : List.of();
    }

    /** Numbers and ranges: {@code 0-3,8}. */
    static List<Integer> parse(String ranges) {
        List<Integer> numbers = new ArrayList<>();
        for (String range : ranges.split(",", -1)) {
            String[] ends = range.strip().split("-", 2);
            for (int number = Integer.parseInt(ends[0]); number <= Integer.parseInt(ends[ends.length - 1]); number++) {
                numbers.add(number);
            }
        }
        return numbers;
    }

    /** Whether there is a command that keeps a process on one core. */
    static boolean canPin() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "taskset")));
    }

    /** Processor time of this process so far. */
    static double ownSeconds() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }
}
