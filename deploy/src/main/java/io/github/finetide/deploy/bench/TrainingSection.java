package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.files.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An epoch of the job of the article (see README.md), training and validation, in each mode; beside it the article's script in PyTorch, on
 * the same images. Each turn is a process of its own, but in a quick run: what one leaves behind in memory slows no other.
 */
final class TrainingSection {
    private record Mode(String batchNorm, String precision) {
        String name() {
            return batchNorm + "." + precision;
        }
    }

    private static final Mode NO_AIM = new Mode("frozen", "fp32");

    private static final List<Mode> MODES = List.of(
            new Mode("update", "fp32"),
            new Mode("update", "bf16"),
            NO_AIM,
            new Mode("frozen", "bf16"),
            new Mode("frozen", "int8"));

    /**
     * Images in the sets of an epoch.
     *
     * @param prefix of its figures: other batches make another ratio
     * @param images of training, and as many of validation
     * @param cached the same for the epochs on features computed once: a first epoch that takes some seconds
     */
    record Size(String prefix, int batch, int images, int cached) {
        static final Size QUICK = new Size("training.batch16.", 16, 16, 40);

        /** The article's batch. */
        static final Size FULL = new Size("training.", 64, 64, 64);

        /** In a quick run those that have an aim. */
        List<Mode> modes() {
            return equals(QUICK)
                    ? MODES.stream().filter(mode -> !mode.equals(NO_AIM)).toList()
                    : MODES;
        }

        /** What the script is given in every round; in a quick run, which it would fill, what has an aim. */
        List<PyTorchSettings> scripts() {
            return equals(QUICK)
                    ? List.of(PyTorchSettings.ALLOCATOR)
                    : List.of(PyTorchSettings.ALLOCATOR, PyTorchSettings.ALL_CORES);
        }
    }

    /** What a job measures at its end for its release has no part in the comparison, and would take half of the time. */
    private static final String NO_RELEASE = ", \"release\": \"none\"";

    private static final int CACHED_EPOCHS = 20;

    private final BenchSite site;
    private final Results results;
    private final Size size;
    private final Map<String, Double> peaks = new LinkedHashMap<>();
    private int jobs;

    TrainingSection(BenchSite site, Results results, Size size) {
        this.site = site;
        this.results = results;
        this.size = size;
    }

    void run(Consumer<String> report) throws IOException {
        BenchImages forTraining = BenchImages.write(site.folder().resolve("training"), 2, size.cached());
        BenchImages forValidation = BenchImages.write(site.folder().resolve("validation"), 3, size.cached());
        Path training = forTraining.first(size.images());
        Path validation = forValidation.first(size.images());
        Rounds rounds = new Rounds();
        for (Mode mode : size.modes()) {
            rounds.add(size.prefix() + mode.name(), () -> epoch(mode, training, validation));
        }
        if (site.hasPyTorch()) {
            size.scripts().forEach(settings -> addScript(rounds, settings, training, validation));
        } else {
            results.absent(size.prefix() + "pyTorch", "there is no python3 with torch and torchvision");
        }
        report.accept("Training, %d images of 256x256 in batches of %d".formatted(2 * size.images(), size.batch()));
        rounds.run(size.equals(Size.QUICK) ? 1 : 2);
        note(rounds);
        if (site.hasPyTorch() && size.equals(Size.FULL)) {
            report.accept("Training, the script as a user runs it");
            Rounds asRun = new Rounds();
            addScript(asRun, PyTorchSettings.AS_RUN, training, validation);
            asRun.run(1);
            note(asRun);
        }
        report.accept("Training, " + CACHED_EPOCHS + " epochs on features computed once");
        cached(forTraining.manifest(), forValidation.manifest());
    }

    private void note(Rounds rounds) {
        int images = 2 * size.images();
        rounds.best().forEach((name, seconds) -> {
            results.add(name, images / seconds, Unit.IMAGES_PER_SECOND);
            if (!site.isSharing()) {
                results.add(name + ".residentSet", peaks.getOrDefault(name, 0.0), Unit.MEGABYTES);
            }
        });
        rounds.refusals().forEach(results::absent);
    }

    private Answer epoch(Mode mode, Path training, Path validation) {
        return job("train", mode, 1, training, validation, "");
    }

    private Answer job(String command, Mode mode, int epochs, Path training, Path validation, String more) {
        String jobId = "bench-" + ++jobs;
        BenchJob job =
                new BenchJob(jobId, site.weightsName(), mode.batchNorm(), mode.precision(), size.batch(), epochs);
        try (Contestant finetide = site.finetide("training")) {
            Path file = Files.writeString(
                    site.folder().resolve(jobId + ".json"), job.json(training, validation, NO_RELEASE + more));
            Answer answer = finetide.ask(
                    command,
                    file.toString(),
                    site.store().toString(),
                    site.cache().toString(),
                    site.folder().toString());
            peaks.merge(size.prefix() + mode.name(), peak(finetide), Math::max);
            FileTree.delete(site.store().resolve(jobId));
            return answer;
        } catch (IOException failed) {
            throw new CommandFailure("cannot write a job: " + failed.getMessage());
        }
    }

    private void addScript(Rounds rounds, PyTorchSettings settings, Path training, Path validation) {
        String name = size.prefix() + "pyTorch." + settings.label();
        rounds.add(name, () -> script(name, settings, training, validation));
    }

    private Answer script(String name, PyTorchSettings settings, Path training, Path validation) {
        try (Contestant pyTorch = site.pyTorch(settings)) {
            Answer answer =
                    pyTorch.ask("train", training.toString(), validation.toString(), String.valueOf(size.batch()));
            peaks.merge(name, peak(pyTorch), Math::max);
            return answer;
        }
    }

    private static double peak(Contestant contestant) {
        return contestant.ask("peak").numbers().get(0);
    }

    /** As a user has to wait for it, checkpoints included. */
    private void cached(Path training, Path validation) {
        Answer seconds = job(
                "trainAndSave",
                new Mode("frozen", "bf16"),
                CACHED_EPOCHS,
                training,
                validation,
                ", \"augmentation\": \"none\"");
        if (seconds.isRefusal()) {
            results.absent(size.prefix() + "cached", seconds.refusal());
            return;
        }
        results.add(size.prefix() + "cached.firstEpoch", seconds.numbers().get(0), Unit.SECONDS);
        results.add(
                size.prefix() + "cached.allEpochs",
                seconds.numbers().stream().mapToDouble(Double::doubleValue).sum(),
                Unit.SECONDS);
    }
}
