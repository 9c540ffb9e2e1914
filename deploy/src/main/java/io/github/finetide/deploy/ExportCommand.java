package io.github.finetide.deploy;

import io.github.finetide.deploy.onnx.OnnxInput;
import io.github.finetide.message.UriText;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.SafeTensors;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a checkpoint's whole model for use elsewhere. */
@Command(
        name = "export",
        description =
                "Writes a checkpoint's whole model: for PyTorch (model.safetensors and config.json) or as model.onnx.")
final class ExportCommand implements Callable<Integer> {
    private static final Pattern CHECKPOINT = Pattern.compile("(.*)/[^/]+/epoch-\\d+/?");

    @Parameters(
            index = "0",
            paramLabel = "CHECKPOINT-URI",
            description = "The checkpoint's folder, as the topic training.checkpoints names it.")
    private String checkpoint;

    @Parameters(index = "1", paramLabel = "DIR", description = "Folder to write to; made where it is missing.")
    private Path folder;

    /** What {@code --format} takes. */
    enum Format {
        SAFETENSORS,
        ONNX
    }

    @Option(
            names = "--format",
            paramLabel = "safetensors|onnx",
            description = "safetensors (default), or onnx: one file that takes any number of images in a batch.")
    private Format format = Format.SAFETENSORS;

    @Option(
            names = "--input",
            paramLabel = "float|uint8",
            description =
                    "With onnx, the images [batch, 3, size, size]: float (default), normalised as torchvision does,"
                            + " or uint8, pixels as they are.")
    private @Nullable OnnxInput input;

    /** What {@code --precision} takes. */
    enum ExportedPrecision {
        FP32,
        INT8
    }

    @Option(
            names = "--precision",
            paramLabel = "fp32|int8",
            description =
                    "With onnx: fp32 (default), or int8 with the ranges that the job measured: residual networks only.")
    private @Nullable ExportedPrecision precision;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where the checkpoint is kept on this machine (default: ~/.cache/finetide).")
    private Path weightsCache = WorkerOptions.defaultWeightsCache();

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Override
    public Integer call() throws IOException {
        if ((input != null || precision != null) && format != Format.ONNX) {
            throw new ParameterException(spec.commandLine(), "--input and --precision go with --format onnx");
        }
        URI uri = UriText.isUri(checkpoint)
                ? UriText.of(checkpoint)
                : Path.of(checkpoint).toAbsolutePath().normalize().toUri();
        Matcher parts = CHECKPOINT.matcher(uri.toString());
        if (!parts.matches()) {
            throw new CommandFailure(uri + " is no checkpoint: one is named <store>/<jobId>/epoch-<number>");
        }
        try (Checkpoints checkpoints = Checkpoints.open(URI.create(parts.group(1) + "/"), "finetide", weightsCache)) {
            LocalCheckpoint local = checkpoints.fetch(uri, null);
            Path starting = checkpoints.weights(local.manifest().weightsDigest());
            write(local, starting);
        }
        Screen.ofProcess().line("Wrote %s", folder.toAbsolutePath());
        return 0;
    }

    private void write(LocalCheckpoint local, Path starting) throws IOException {
        Path changed = local.file(CheckpointManifest.MODEL);
        if (format == Format.ONNX) {
            OnnxInput taken = input == null ? OnnxInput.FLOAT : input;
            ModelExport.writeOnnx(local.manifest(), starting, changed, maxima(local), taken, folder);
        } else {
            ModelExport.write(local.manifest(), starting, changed, folder);
        }
    }

    private Map<String, Float> maxima(LocalCheckpoint local) throws IOException {
        if (precision != ExportedPrecision.INT8) {
            return Map.of();
        }
        if (local.manifest().file(CheckpointManifest.CALIBRATION).isEmpty()) {
            throw new CommandFailure("the checkpoint holds no ranges of activations, which int8 needs: a residual"
                    + " network's are measured at the end of its job, for the epoch that is released");
        }
        return ActivationRanges.of(SafeTensors.read(local.file(CheckpointManifest.CALIBRATION)))
                .maxima();
    }
}
