package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.trainer.ImportOptions;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a checkpoint of a model that was trained elsewhere. */
@Command(name = "import", description = "Makes a checkpoint of a network that was trained elsewhere, and releases it.")
final class ImportCommand implements Callable<Integer> {
    @Mixin
    private ImportOptions options = new ImportOptions();

    @Option(names = "--release", description = "Announce it: from then on the inference workers serve it.")
    private boolean release;

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException {
        Found found = options.run(warning -> screen.line("Warning   %s", warning));
        screen.line("Imported  %s", found.saved().uri());
        report(found.manifest());
        if (release) {
            announce(found);
        }
        return 0;
    }

    private void report(CheckpointManifest manifest) {
        manifest.last()
                .ifPresent(measured -> screen.line(
                        "Accuracy  %s", Texts.percent(measured.validation().accuracy())));
        Confidence confidence = manifest.confidence();
        if (confidence != null) {
            screen.line("Confident temperature %.3f", confidence.temperature());
        }
        if (manifest.precisions() != null) {
            manifest.precisions()
                    .forEach((name, scores) -> screen.line("%-9s %s", name, Texts.percent(scores.accuracy())));
        }
    }

    private void announce(Found found) {
        CheckpointManifest manifest = found.manifest();
        String version = ModelRelease.version(manifest.job().jobId(), manifest.epoch());
        ModelRelease announced = new ModelRelease(
                options.model(), version, found.saved().uri(), found.saved().digest(), Instant.now(), "imported");
        KafkaSettings settings = kafka.reachable();
        Messages.send(settings, settings.topics().modelReleases(), options.model(), Json.write(announced));
        screen.line("Released  %s as %s", version, options.model());
    }
}
