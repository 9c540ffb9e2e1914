package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.UriText;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.LocalCheckpoint;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a checkpoint what a model means from now on. */
@Command(
        name = "release",
        description = "Releases a checkpoint, a new one or an earlier one to roll back, after checking its digests.")
final class ReleaseCommand implements Callable<Integer> {
    private static final Pattern CHECKPOINT = Pattern.compile("(.*)/[^/]+/epoch-\\d+/?");

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model's name, as requests use it.")
    private String model;

    @Parameters(
            index = "1",
            paramLabel = "CHECKPOINT-URI",
            description = "The checkpoint's folder, as the topic training.checkpoints names it.")
    private String checkpoint;

    @Option(
            names = "--shadow",
            description =
                    "Compute it beside the version that answers, and compare; a null value under MODEL#shadow ends it.")
    private boolean shadow;

    @Option(names = "--reason", description = "For whoever reads the topic (default: ${DEFAULT-VALUE}).")
    private String reason = "released by hand";

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where the checkpoint is kept on this machine (default: ~/.cache/finetide).")
    private Path weightsCache = WorkerOptions.defaultWeightsCache();

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Override
    public Integer call() {
        ModelRelease release = release(
                UriText.isUri(checkpoint)
                        ? UriText.of(checkpoint)
                        : Path.of(checkpoint).toAbsolutePath().normalize().toUri());
        KafkaSettings settings = kafka.reachable();
        String key = shadow ? ModelRelease.shadowKey(model) : model;
        Messages.send(settings, settings.topics().modelReleases(), key, Json.write(release));
        Screen.ofProcess().line("Released %s as %s (%s)", release.version(), key, release.uri());
        return 0;
    }

    private ModelRelease release(URI uri) {
        Matcher parts = CHECKPOINT.matcher(uri.toString());
        if (!parts.matches()) {
            throw new CommandFailure(uri + " is no checkpoint: one is named <store>/<jobId>/epoch-<number>");
        }
        try (Checkpoints checkpoints = Checkpoints.open(URI.create(parts.group(1) + "/"), "finetide", weightsCache)) {
            LocalCheckpoint found = checkpoints.fetch(uri, null);
            return new ModelRelease(
                    model,
                    ModelRelease.version(
                            found.manifest().job().jobId(), found.manifest().epoch()),
                    found.saved().uri(),
                    found.saved().digest(),
                    Instant.now(),
                    reason);
        }
    }
}
