package io.github.finetide.deploy.classify;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.Screen;
import io.github.finetide.deploy.TextTable;
import io.github.finetide.deploy.Texts;
import io.github.finetide.deploy.classify.ClassificationClient.RequestWithResult;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.Decision;
import io.github.finetide.message.Include;
import io.github.finetide.message.Prediction;
import io.github.finetide.message.Timings;
import io.github.finetide.message.UriText;
import io.github.finetide.options.DurationConverter;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.OptionTypes;
import io.github.finetide.options.Verbosity;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies images through the topics. */
@Command(
        name = "classify",
        description =
                "Sends images to the inference workers and prints the results, or writes those of many to a file.")
public final class ClassifyCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "IMAGE",
            description =
                    "A local file, or a file:, http:, https: or s3: URI that the workers can read; a local file of up to"
                            + " 700,000 bytes that they cannot read is sent in the request.")
    private List<String> images = new ArrayList<>();

    @Option(names = "--model", description = "The model to ask; may be left out where the workers serve only one.")
    private @Nullable String model;

    /** Of its own: the usual pair of options does not come where {@code --version} means something else. */
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    boolean help;

    @Option(names = "--version", paramLabel = "JOB@EPOCH", description = "One version of the model.")
    private @Nullable String version;

    @Option(
            names = "--top-k",
            converter = OptionTypes.Count.class,
            description = "Predictions an image (default: ${DEFAULT-VALUE}).")
    private int topK = 5;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long to wait for all results, with --from for the next one, as 90s or PT90S (default:"
                    + " 60s).")
    private Duration timeout = Duration.ofMinutes(1);

    @Option(names = "--json", description = "Print each result as a line of JSON, as it comes.")
    private boolean json;

    @Option(
            names = "--from",
            paramLabel = "LIST|DIR/|s3://BUCKET/PREFIX/",
            description = "Classify many images: the paths and URIs that a file lists, one a line, or the images in a"
                    + " folder or below a prefix. Needs --out.")
    private @Nullable String from;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where the results of --from go, a line of JSON an image, as they come. Started again, the"
                    + " command does what the file lacks.")
    private @Nullable Path out;

    @Option(names = "--csv", description = "Write --out as CSV: one line an image, with its first prediction.")
    private boolean csv;

    @Option(
            names = "--explain",
            paramLabel = "DIR",
            description = "Write a picture of each local image to DIR: where the network saw the class.")
    private @Nullable Path explain;

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Spec
    private CommandSpec spec;

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException {
        check(images.isEmpty() != (from == null), "name images, or with --from where they are listed");
        check((from == null) == (out == null), "--from and --out belong together");
        check(from == null || explain == null, "--explain is for images that are named, not for --from");
        check(from != null || !csv, "--csv is for --out; without it use --json");
        return from == null || out == null ? some() : many(from, out);
    }

    private void check(boolean ok, String message) {
        if (!ok) {
            throw new ParameterException(spec.commandLine(), message);
        }
    }

    /** Every image of the source has its line in the file, or this fails. */
    private int many(String source, Path file) throws IOException {
        List<BulkSource.Image> all = BulkSource.read(source);
        BulkSummary summary = new BulkSummary();
        BulkFormat format = csv ? BulkFormat.CSV : BulkFormat.JSON_LINES;
        try (BulkResults results = BulkResults.open(file, format, summary);
                ClassificationClient client = ClassificationClient.open(kafka.reachable(), this::note)) {
            BulkRun run = new BulkRun(client, results, screen, timeout);
            run.run(all, image -> request(image));
            summary.lines().forEach(line -> screen.line("%s", line));
            screen.line("%d results in %s; %.1f images/s in this run", summary.images(), file, run.rate());
        }
        return 0;
    }

    private int some() throws IOException {
        List<ClassificationRequest> requests =
                images.stream().map(image -> request(uri(image))).toList();
        Map<String, ClassificationResult> results;
        try (ClassificationClient client = ClassificationClient.open(kafka.reachable(), this::note)) {
            results = client.classify(requests, timeout, this::printJson);
        }
        if (!json) {
            table(requests, results).forEach(line -> screen.line("%s", line));
        }
        if (explain != null) {
            explain(new Overlays(explain), requests, results);
        }
        int unanswered = requests.size() - results.size();
        if (unanswered > 0) {
            throw new CommandFailure("%d of %d images have no result after %d s: does an inference worker run?"
                    .formatted(unanswered, requests.size(), timeout.toSeconds()));
        }
        return results.values().stream().allMatch(Classified.class::isInstance) ? 0 : 1;
    }

    private void explain(
            Overlays overlays, List<ClassificationRequest> requests, Map<String, ClassificationResult> results)
            throws IOException {
        for (ClassificationRequest request : requests) {
            boolean local = "file".equals(request.image().getScheme());
            if (local
                    && results.get(request.requestId()) instanceof Classified classified
                    && classified.cam() != null) {
                note("Wrote " + overlays.write(Path.of(request.image()), classified.cam()));
            }
        }
    }

    private void note(String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }

    private ClassificationRequest request(URI image) {
        List<Include> include = explain == null ? List.of() : List.of(Include.CAM);
        return new ClassificationRequest(
                UUID.randomUUID().toString(), image, model, version, topK, null, null, include);
    }

    private static URI uri(String image) {
        if (UriText.isUri(image)) {
            return UriText.of(image);
        }
        Path file = Path.of(image);
        if (!Files.exists(file)) {
            throw new CommandFailure("there is no file " + image);
        }
        return BulkSource.uri(file.toAbsolutePath().normalize());
    }

    private void printJson(RequestWithResult answered) {
        if (json) {
            screen.line("%s", ResultJson.of(answered).toString());
        }
    }

    private List<String> table(List<ClassificationRequest> requests, Map<String, ClassificationResult> results) {
        TextTable table = new TextTable("<image", "class", ">probability", "then", ">ms");
        for (int i = 0; i < requests.size(); i++) {
            table.row(cells(images.get(i), results.get(requests.get(i).requestId())));
        }
        return table.lines(screen.columns());
    }

    private static String[] cells(String image, @Nullable ClassificationResult result) {
        if (result instanceof Classified classified) {
            Prediction best = classified.predictions().get(0);
            String probability = Texts.percent(best.probability());
            String label = best.label() + (classified.decision() == Decision.ABSTAINED ? " (abstained)" : "");
            return new String[] {image, label, probability, others(classified), millis(classified.timings())};
        }
        if (result instanceof Rejected rejected) {
            String kind = rejected.error().kind().wire();
            return new String[] {
                image, "rejected: " + kind + ": " + rejected.error().message()
            };
        }
        return new String[] {image, "(no result)"};
    }

    private static String others(Classified classified) {
        return classified.predictions().stream()
                .skip(1)
                .limit(2)
                .map(next -> next.label() + " " + Texts.percent(next.probability()))
                .collect(Collectors.joining(", "));
    }

    private static String millis(Timings t) {
        return String.format(
                Locale.ROOT,
                "%.0f",
                t.queueMillis() + t.fetchMillis() + t.decodeMillis() + t.waitMillis() + t.inferenceMillis());
    }
}
