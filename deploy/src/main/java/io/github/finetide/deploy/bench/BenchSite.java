package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.files.FileTree;
import io.github.finetide.message.Precision;
import io.github.finetide.runtime.NativeSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a run of the bench works, and how its contestants are started there. */
final class BenchSite implements AutoCloseable {
    /** The launcher script names where it has put ONNX Runtime's jar, which is on no worker's class path. */
    private static final String ONNX_RUNTIME = "finetide.bench.onnxruntime";

    /** Debian's, which has PyTorch, before any other. */
    private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

    private static final int PROBE_SECONDS = 60;

    private final Path folder;
    private final Path cache;
    private final String weightsName;
    private final Optional<String> python;
    private final boolean sharing;
    private @Nullable Precision fastest;
    private final Map<String, Contestant> shared = new HashMap<>();

    private BenchSite(Path folder, Path cache, String weightsName, Optional<String> python, boolean sharing) {
        this.folder = folder;
        this.cache = cache;
        this.weightsName = weightsName;
        this.python = python;
        this.sharing = sharing;
    }

    /**
     * Makes a temporary folder.
     *
     * @param cache of starting weights
     * @param weightsName as a job's {@code weights}
     * @param sharing whether one process of each contestant does for all sections: saves the time of starting others
     */
    static BenchSite open(Path cache, String weightsName, boolean sharing) throws IOException {
        Path folder = Files.createTempDirectory("finetide-bench-").toRealPath();
        return new BenchSite(
                folder,
                cache.toAbsolutePath(),
                weightsName,
                PYTHONS.stream().filter(BenchSite::hasTorch).findFirst(),
                sharing);
    }

    private static boolean hasTorch(String python) {
        ProcessBuilder probe = new ProcessBuilder(python, "-c", "import torch, torchvision, PIL")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        try {
            Process process = probe.start();
            return process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    Path folder() {
        return folder;
    }

    Path cache() {
        return cache;
    }

    Path logs() {
        return folder.resolve("logs");
    }

    Path store() {
        return folder.resolve("store");
    }

    String weightsName() {
        return weightsName;
    }

    private Path weights() {
        return folder.resolve("weights.safetensors");
    }

    private Path onnx() {
        return folder.resolve("resnet152.onnx");
    }

    boolean hasPyTorch() {
        return python.isPresent();
    }

    /** Writes the weights all contestants use. */
    void drawWeights() {
        try (Contestant finetide = finetide("setup")) {
            require(finetide.ask("draw", weightsName, cache.toString()));
        }
    }

    /** Writes the weights' ONNX form, where PyTorch is there to make it and ONNX Runtime to run it. */
    void exportNetwork() {
        if (hasPyTorch() && onnxRuntimeJar().isPresent()) {
            try (Contestant exporter = pyTorch(PyTorchSettings.ALL_CORES)) {
                require(exporter.ask("export", onnx().toString()));
            }
        }
    }

    static void require(Answer answer) {
        if (answer.isRefusal()) {
            throw new CommandFailure("the bench cannot be set up: " + answer.refusal());
        }
    }

    /** Whether a contestant has done other things before, so that its memory says nothing about the last one. */
    boolean isSharing() {
        return sharing;
    }

    /** Finetide as its workers run it. */
    Contestant finetide(String name) {
        return sharing ? shared("finetide", () -> startFinetide("finetide")) : startFinetide(name);
    }

    private Contestant startFinetide(String name) {
        return ContestantProcess.start(
                name,
                logs(),
                environment(true),
                List.of(
                        java(),
                        "-Xmx2g",
                        "-Dai.djl.offline=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FinetidePeer.class.getName(),
                        weights().toString()));
    }

    /** What a worker computes fastest in on this machine. */
    Precision fastest() {
        Precision known = fastest;
        if (known == null) {
            try (Contestant finetide = finetide("fastest")) {
                known = Stream.of(Precision.INT8, Precision.BF16)
                        .filter(each ->
                                !finetide.ask("forward", each.wire(), "1", "1").isRefusal())
                        .findFirst()
                        .orElse(Precision.FP32);
            }
            fastest = known;
        }
        return known;
    }

    /** Debian's PyTorch; only where {@link #hasPyTorch}. */
    Contestant pyTorch(PyTorchSettings settings) {
        String name = "pytorch-" + settings.label();
        return sharing ? shared(name, () -> startPyTorch(name, settings)) : startPyTorch(name, settings);
    }

    private Contestant startPyTorch(String name, PyTorchSettings settings) {
        return ContestantProcess.start(
                name,
                logs(),
                environment(settings.setsAllocator()),
                List.of(
                        python.orElseThrow(),
                        resource("pytorch_peer.py").toString(),
                        weights().toString(),
                        settings.label()));
    }

    private Contestant shared(String name, Supplier<Contestant> starter) {
        return new LentContestant(shared.computeIfAbsent(name, key -> starter.get()));
    }

    /** ONNX Runtime, or why it is not there. */
    Optional<Contestant> onnxRuntime(Results results) {
        Optional<Path> jar = onnxRuntimeJar();
        if (jar.isEmpty() || !Files.isRegularFile(onnx())) {
            results.absent(
                    "onnxRuntime",
                    jar.isEmpty()
                            ? "its jar was not found; deploy/finetide bench brings it where Maven can download"
                            : "there is no python3 with torch and torchvision to export the network with");
            return Optional.empty();
        }
        return Optional.of(ContestantProcess.start(
                "onnxruntime",
                logs(),
                environment(true),
                List.of(
                        java(),
                        "-Xmx1g",
                        "-cp",
                        jar.get().toString(),
                        resource("OnnxRuntimePeer.java").toString(),
                        onnx().toString())));
    }

    private static Optional<Path> onnxRuntimeJar() {
        return Optional.ofNullable(System.getProperty(ONNX_RUNTIME))
                .map(Path::of)
                .filter(Files::isRegularFile);
    }

    /** The allocator as our launchers set it, or as a process has it that nobody tuned. */
    static Map<String, String> environment(boolean tuned) {
        Map<String, String> environment = new HashMap<>();
        NativeSettings.ALLOCATOR.forEach((name, value) -> environment.put(name, tuned ? value : ""));
        environment.put("OPT_OUT_TRACKING", "true");
        return environment;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Path resource(String name) {
        Path file = folder.resolve(name);
        try (InputStream in = BenchSite.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            Files.write(file, in.readAllBytes());
            return file;
        } catch (IOException failed) {
            throw new CommandFailure("cannot write " + file + ": " + failed.getMessage());
        }
    }

    /** Deletes everything but the logs, which go too if there are none of interest. */
    @Override
    public void close() {
        shared.values().forEach(Contestant::close);
        try (Stream<Path> inside = Files.list(folder)) {
            for (Path path : inside.toList()) {
                if (!path.equals(logs())) {
                    FileTree.delete(path);
                }
            }
        } catch (IOException left) {
            throw new CommandFailure("cannot clean up " + folder + ": " + left.getMessage());
        }
    }
}
