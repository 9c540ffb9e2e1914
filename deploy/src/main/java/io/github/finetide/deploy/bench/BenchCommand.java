package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.Screen;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.OptionTypes;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures this machine. */
@Command(
        name = "bench",
        description =
                "Measures this machine: decoding, the network at each precision, requests end to end, several workers"
                        + " and models, training;"
                        + " beside ONNX Runtime and PyTorch where they are there. Close other programs first.")
public final class BenchCommand implements Callable<Integer> {
    @Option(
            names = "--quick",
            description = "Fewer rounds and batch sizes, training in batches of 16, no fleet: 3 minutes instead of 30.")
    private boolean quick;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the figures and their ratios to a file.")
    private @Nullable Path json;

    @Option(
            names = "--only",
            paramLabel = "images|network|pipeline|fleet|training|features",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Run only this section; repeatable.")
    private List<Bench.Section> only = List.of();

    @Option(
            names = "--soak",
            description = "Instead: one worker classifies for long while versions change; shows its memory.")
    private boolean soak;

    @Option(
            names = "--load",
            description =
                    "Instead: three workers under load, killed in turn; fails unless each request is answered once.")
    private boolean load;

    @Option(
            names = "--images",
            paramLabel = "N",
            converter = OptionTypes.Count.class,
            description = "Images of --soak (default: 50000) or --load (default: 20000).")
    private @Nullable Integer images;

    @Option(
            names = "--weights",
            paramLabel = "NAME",
            description = "Weights of the network, as in a job (default: ${DEFAULT-VALUE}). They change no speed.")
    private String weights = "random:1";

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where starting weights are kept (default: ~/.cache/finetide).")
    private Path weightsCache = WorkerOptions.defaultWeightsCache();

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Spec
    private CommandSpec spec;

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException, InterruptedException {
        requireSense();
        try (BenchSite site = BenchSite.open(weightsCache, weights, quick)) {
            screen.line("Logs are in %s", site.logs());
            Results results = measured(site);
            screen.line("");
            results.lines().forEach(line -> screen.line("%s", line));
            if (json != null) {
                Files.writeString(json, results.json());
            }
        }
        return 0;
    }

    private void requireSense() {
        boolean instead = soak || load;
        if ((soak && load) || (instead && (quick || !only.isEmpty()))) {
            throw new ParameterException(
                    spec.commandLine(), "--soak and --load go with neither each other nor --quick nor --only");
        }
        if (images != null && !instead) {
            throw new ParameterException(spec.commandLine(), "--images goes with --soak or --load");
        }
    }

    private Results measured(BenchSite site) throws IOException, InterruptedException {
        if (!soak && !load) {
            Set<Bench.Section> sections = only.isEmpty() ? Bench.usual(quick) : EnumSet.copyOf(only);
            return new Bench(site, sections, quick, screen).run();
        }
        Results results = new Results(MachineFacts.read(), false);
        site.drawWeights();
        BenchImages photos = BenchImages.write(site.folder().resolve("photos"), 1, Bench.PHOTOS);
        if (soak) {
            new Soak(site, images == null ? Soak.IMAGES : images, screen).run(photos, results);
        } else {
            new Load(site, images == null ? Load.REQUESTS : images, screen).run(photos);
        }
        return results;
    }
}
