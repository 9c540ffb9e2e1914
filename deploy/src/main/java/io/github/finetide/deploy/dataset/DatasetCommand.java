package io.github.finetide.deploy.dataset;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.Screen;
import io.github.finetide.deploy.TextTable;
import io.github.finetide.deploy.dataset.ImageCheck.Checked;
import io.github.finetide.deploy.dataset.LabelledImages.LeftOut;
import io.github.finetide.options.Verbosity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a job of labelled images. */
@Command(
        name = "dataset",
        description =
                "Makes train.txt, validation.txt, classes.txt and job.json of labelled images: class folders, CSV or TSV,"
                        + " .lst of SageMaker and MXNet, Label Studio's JSON, Hugging Face's metadata.csv or metadata.jsonl."
                        + " Every image is looked at; what cannot be used is listed with the reason.")
public final class DatasetCommand implements Callable<Integer> {
    private static final int SHOWN_LEFT_OUT = 20; // a screen; all of them are in a file
    private static final double MIN_FRACTION = 0.01;
    private static final double MAX_FRACTION = 0.9;

    @Parameters(paramLabel = "SOURCE", description = "A folder or file of one of these kinds.")
    private Path source = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder to write to; made if missing.")
    private Path out = Path.of("");

    @Option(
            names = "--validation",
            paramLabel = "FRACTION",
            description = "Part of each class that validates, by content and seed (default: 0.2).")
    private double validation = 0.2;

    @Option(names = "--seed", description = "Another one divides the images otherwise (default: 0).")
    private long seed;

    @Option(names = "--model", description = "The model to train (default: named as SOURCE).")
    private @Nullable String model;

    @Option(names = "--image", paramLabel = "COLUMN", description = "The column of a table that names the images.")
    private @Nullable String image;

    @Option(names = "--label", paramLabel = "COLUMN", description = "The column of a table that names the classes.")
    private @Nullable String label;

    @Mixin
    Verbosity verbosity = new Verbosity();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException {
        if (!(validation >= MIN_FRACTION && validation <= MAX_FRACTION)) {
            throw new CommandFailure("--validation %s is not allowed; allowed: 0.01 to 0.9".formatted(validation));
        }
        Path folder = out.toAbsolutePath().normalize();
        for (String file : PreparedDataset.FILES) {
            if (Files.exists(folder.resolve(file))) {
                throw new CommandFailure(
                        "there is a %s in %s already: name another --out, or remove it".formatted(file, out));
            }
        }
        SourceReader read = SourceReader.read(source, new Columns.Wanted(image, label));
        screen.line(
                "%s: %s, %d images", source, read.kind(), read.images().images().size());
        List<LeftOut> leftOut = new ArrayList<>(read.images().leftOut());
        PreparedDataset set = PreparedDataset.of(usable(read, leftOut), validation, seed);
        String name = model == null ? modelName(source) : model;
        set.write(folder, name, name + "-" + fingerprint(set), seed);
        counts(set).lines(screen.columns()).forEach(line -> screen.line("%s", line));
        report(leftOut, folder);
        screen.line("Wrote %s in %s", String.join(", ", PreparedDataset.FILES), folder);
        screen.line("Train it where images may be read from there:");
        screen.line("  finetide train %s", folder.resolve("job.json"));
        return 0;
    }

    private static List<Checked> usable(SourceReader read, List<LeftOut> leftOut) {
        ImageCheck check = new ImageCheck(read.folder());
        List<Checked> all =
                read.images().images().parallelStream().map(check::check).toList();
        all.stream()
                .filter(one -> !one.problem().isEmpty())
                .forEach(one -> leftOut.add(new LeftOut(
                        one.image().place().equals(one.image().image())
                                ? one.image().image()
                                : one.image().place() + ": " + one.image().image(),
                        one.problem())));
        return all.stream().filter(one -> one.problem().isEmpty()).toList();
    }

    private static TextTable counts(PreparedDataset set) {
        TextTable table = new TextTable("class", ">number", ">training", ">validation");
        for (int i = 0; i < set.classNames().size(); i++) {
            table.row(
                    set.classNames().get(i),
                    String.valueOf(i),
                    String.valueOf(set.count(i, false)),
                    String.valueOf(set.count(i, true)));
        }
        table.row(
                "all",
                "",
                String.valueOf(set.lines(false).size()),
                String.valueOf(set.lines(true).size()));
        return table;
    }

    private void report(List<LeftOut> leftOut, Path folder) throws IOException {
        if (leftOut.isEmpty()) {
            return;
        }
        screen.line("Left out %d:", leftOut.size());
        leftOut.stream().limit(SHOWN_LEFT_OUT).forEach(one -> screen.line("  %s: %s", one.place(), one.reason()));
        if (leftOut.size() > SHOWN_LEFT_OUT) {
            Path file = folder.resolve("left-out.txt");
            Files.write(
                    file,
                    leftOut.stream()
                            .map(one -> one.place() + ": " + one.reason())
                            .toList(),
                    StandardCharsets.UTF_8);
            screen.line("  and %d more, all of them in %s", leftOut.size() - SHOWN_LEFT_OUT, file);
        }
    }

    /** The source's name, in characters that a model may have. */
    private static String modelName(Path source) {
        Path named = source.toAbsolutePath().normalize().getFileName();
        String base = named == null ? "" : named.toString().replaceFirst("\\.[A-Za-z]+$", "");
        String name = base.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[-.]+|[-.]+$", "");
        return name.isEmpty() ? "model" : name.substring(0, Math.min(80, name.length()));
    }

    /** Another set of images gets another job. */
    private static String fingerprint(PreparedDataset set) {
        CRC32 crc = new CRC32();
        for (List<String> lines : Arrays.asList(set.lines(false), set.lines(true))) {
            lines.forEach(line -> crc.update((line + "\n").getBytes(StandardCharsets.UTF_8)));
        }
        set.images().forEach(one -> crc.update(one.sha256().getBytes(StandardCharsets.UTF_8)));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
