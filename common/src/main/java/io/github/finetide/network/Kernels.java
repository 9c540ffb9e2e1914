package io.github.finetide.network;

import ai.djl.engine.Engine;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Sha256;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which form of 1x1 convolutions is faster on this processor: oneDNN's own kernel, which kills the process on some virtual
 * machines, or the disguise of {@code resnet_fused.py}. Found out once for each processor and libtorch, by a process that
 * may die ({@link KernelTrial}), and remembered in a file.
 *
 * <p>See RATIONALE.md, Why are 1x1 convolutions of the fused page 1x2 ones?
 */
public final class Kernels {
    private static final Logger log = LoggerFactory.getLogger(Kernels.class);
    private static final long TRIAL_SECONDS = 60;
    private static final int NAME_DIGITS = 16;
    private static final Pattern RESULT = Pattern.compile("(FP32|BF16) ([0-9]+(?:\\.[0-9]+)?)");

    /** Less is not worth another kernel, or is noise. */
    private static final double WORTH = 1.1;

    private static @Nullable Path folder;
    private static @Nullable Set<Precision> plain;

    private Kernels() {}

    /**
     * Allows the trial, which the first network that asks then waits for; before that nothing is tried.
     *
     * @param newFolder where its result is remembered; made where it is missing
     */
    public static synchronized void rememberIn(Path newFolder) {
        folder = newFolder;
        plain = null;
    }

    /** Whether the plain kernels are alive and faster here. */
    static synchronized boolean arePlain(Precision precision) {
        if (folder == null || precision == Precision.INT8) {
            return false;
        }
        if (plain == null) {
            plain = found(folder, name());
            log.atInfo().addKeyValue("plain", plain).log("Kernels of 1x1 convolutions chosen");
        }
        return plain.contains(precision);
    }

    /** Of what decides: another processor, or caches that are hidden now, is another trial. */
    private static String name() {
        String here = Engine.getEngine("PyTorch").getVersion() + " "
                + Processor.here().kind() + " " + Files.exists(Path.of("/sys/devices/system/cpu/cpu0/cache/index0"));
        byte[] digest = Sha256.start().digest(here.getBytes(StandardCharsets.UTF_8));
        return "kernels-" + HexFormat.of().formatHex(digest).substring(0, NAME_DIGITS);
    }

    private static Set<Precision> found(Path memory, String name) {
        try {
            return parse(Files.readAllLines(memory.resolve(name)));
        } catch (IOException notTriedYet) {
            List<String> lines = tried();
            remember(memory, name, lines);
            return parse(lines);
        }
    }

    /** @param lines of {@link KernelTrial} */
    static Set<Precision> parse(List<String> lines) {
        Set<Precision> faster = EnumSet.noneOf(Precision.class);
        for (String line : lines) {
            Matcher result = RESULT.matcher(line);
            if (result.matches() && Double.parseDouble(result.group(2)) >= WORTH) {
                faster.add(Precision.valueOf(result.group(1)));
            }
        }
        return faster;
    }

    /** Nothing where the process died, or did not end: then the plain kernels are not to be used at all. */
    private static List<String> tried() {
        try {
            Path output = Files.createTempFile("finetide-kernels-", ".txt");
            try {
                return tried(KernelTrial.class, output);
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException notAllowed) {
            return List.of();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    static List<String> tried(Class<?> trial, Path output) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:-CreateCoredumpOnCrash",
                        "-XX:ErrorFile=" + output.resolveSibling(output.getFileName() + ".crash"),
                        "-Dai.djl.offline=true",
                        "-Dai.djl.pytorch.num_threads=1",
                        "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        trial.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(output.toFile())
                .directory(new File(System.getProperty("java.io.tmpdir")))
                .start();
        try {
            boolean ended = process.waitFor(TRIAL_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            return ended ? Files.readAllLines(output) : List.of();
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(output.resolveSibling(output.getFileName() + ".crash"));
        }
    }

    private static void remember(Path memory, String name, List<String> lines) {
        try {
            Path part = Files.createTempFile(Files.createDirectories(memory), name, ".part");
            Files.write(part, lines);
            Files.move(part, memory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException notWritable) {
            log.atWarn()
                    .addKeyValue("folder", memory)
                    .log("The choice of kernels cannot be remembered: tried at each start");
        }
    }
}
