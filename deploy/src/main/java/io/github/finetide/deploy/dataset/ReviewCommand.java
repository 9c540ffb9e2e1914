package io.github.finetide.deploy.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.Screen;
import io.github.finetide.deploy.TextTable;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.Json;
import io.github.finetide.message.UriText;
import io.github.finetide.options.StoreLocation;
import io.github.finetide.options.Verbosity;
import io.github.finetide.store.Store;
import io.github.finetide.store.Stores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a finished job found doubtful in its images. */
@Command(
        name = "review",
        description =
                "Shows which images and labels of a finished job to look at: labels that are probably wrong, nearly the"
                        + " same image twice or in training and validation, images unlike all others, classes with few images.")
public final class ReviewCommand implements Callable<Integer> {
    private static final int SHOWN = 100; // some screens; --json shows all
    private static final String FINDINGS = "findings.jsonl";
    private static final String REPORT = "report.html";
    private static final Pattern CHECKPOINT = Pattern.compile("(.*/)([^/]+/epoch-\\d+)/?");

    @Parameters(
            paramLabel = "JOB-OR-CHECKPOINT-URI",
            description = "A jobId, or a checkpoint's folder as the topic training.checkpoints names it.")
    private String what = "";

    @Option(
            names = "--store",
            paramLabel = "URI",
            converter = StoreLocation.class,
            description = "Where the job is: a folder, file: or s3://bucket/prefix (default: ./finetide-store).")
    private URI store = Path.of("finetide-store").toAbsolutePath().toUri();

    @Option(names = "--json", description = "All findings as lines of JSON.")
    private boolean json;

    @Option(names = "--html", paramLabel = "FILE", description = "Writes the job's report, which shows the images.")
    private @Nullable Path html;

    @Mixin
    Verbosity verbosity = new Verbosity();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException {
        Matcher checkpoint = CHECKPOINT.matcher(what);
        boolean isUri = checkpoint.matches();
        URI root = isUri ? location(checkpoint.group(1)) : store;
        try (Store opened = Stores.open(root, Path.of(System.getProperty("java.io.tmpdir")))) {
            String folder = isUri ? checkpoint.group(2) : newest(opened, what);
            List<Finding> findings = opened.read(folder + "/" + FINDINGS, bytes -> findings(bytes.readAllBytes()));
            show(findings);
            if (html != null) {
                String job = folder.substring(0, folder.indexOf('/'));
                byte[] page = opened.read(job + "/" + REPORT, bytes -> bytes.readAllBytes());
                Files.write(html, page);
            }
        } catch (FaultException none) {
            if (none.kind() != ErrorKind.NOT_FOUND) {
                throw none;
            }
            throw new CommandFailure(what + " has no " + FINDINGS + ": a job writes it when it ends with a release");
        }
        return 0;
    }

    private static URI location(String text) {
        return UriText.isUri(text)
                ? UriText.of(text)
                : Path.of(text).toAbsolutePath().normalize().toUri();
    }

    /** The checkpoint of a job that has findings; of several, as after a job that was resumed, the newest. */
    private static String newest(Store store, String jobId) {
        return store.list(jobId).stream()
                .filter(entry -> entry.key().endsWith("/" + FINDINGS))
                .max(Comparator.comparing(Store.Entry::modifiedAt))
                .map(entry -> entry.key().substring(0, entry.key().lastIndexOf('/')))
                .orElseThrow(() -> new FaultException(ErrorKind.NOT_FOUND, "no " + FINDINGS));
    }

    private static List<Finding> findings(byte[] lines) {
        return new String(lines, UTF_8)
                .lines()
                .map(line -> Json.read(line.getBytes(UTF_8), Finding.class))
                .toList();
    }

    private void show(List<Finding> findings) {
        if (json) {
            findings.forEach(finding -> System.out.println(new String(Json.write(finding), UTF_8)));
            return;
        }
        FindingCounts counts = FindingCounts.of(findings);
        screen.line(
                "%d labels to check, %d images in training and validation, %d twice, %d unlike all others,"
                        + " %d classes with few images",
                counts.labelErrors(),
                counts.leaks(),
                counts.nearDuplicates(),
                counts.outliers(),
                counts.smallClasses());
        TextTable table = new TextTable("kind", ">score", "label", "suggested", "image");
        findings.stream().limit(SHOWN).forEach(finding -> table.row(cells(finding)));
        table.lines(screen.columns()).forEach(line -> screen.line("%s", line));
        if (findings.size() > SHOWN) {
            screen.line("and %d more: --json shows all", findings.size() - SHOWN);
        }
    }

    private static String[] cells(Finding finding) {
        URI place = finding.image() == null ? finding.manifest() : finding.image();
        String suggested = finding.suggested();
        return new String[] {
            finding.kind().wire(),
            String.format(Locale.ROOT, "%.3f", finding.score()),
            finding.label(),
            suggested == null ? "" : suggested,
            "file".equals(place.getScheme()) ? Path.of(place).toString() : place.toString()
        };
    }
}
