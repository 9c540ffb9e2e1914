package io.github.finetide.trainer.report;

import io.github.finetide.message.Best;
import io.github.finetide.message.ClassScores;
import io.github.finetide.message.Json;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.EpochScores;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * How a job went, on one page that needs nothing else: curves, epochs, confusion matrix, classes, and the job itself.
 * Like the checkpoint that it is made from it holds no time and no worker's name.
 */
public final class TrainingReport {
    /** A matrix of more classes fits no screen, and its page no mail. */
    static final int MAX_MATRIX_CLASSES = 100;

    /** Longer tables are left to tools that read the topics. */
    static final int MAX_ROWS = 2000;

    private static final String STYLE = resource("report.css");

    private final CheckpointManifest manifest;

    private final ReportDetails details;

    private TrainingReport(CheckpointManifest manifest, ReportDetails details) {
        this.manifest = manifest;
        this.details = details;
    }

    /** The page for a job as of its newest checkpoint. */
    public static String html(CheckpointManifest manifest) {
        return html(manifest, ReportDetails.NONE);
    }

    /** The same with what the released model makes of the images. */
    public static String html(CheckpointManifest manifest, ReportDetails details) {
        return new TrainingReport(manifest, details).page();
    }

    private String page() {
        String title = Html.escape(manifest.job().jobId());
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + title
                + "</title>\n<style>\n" + STYLE + "</style>\n</head>\n<body>\n<h1>" + title + "</h1>\n"
                + summary() + curves()
                + FoldScores.html(manifest.crossValidation())
                + SweepRows.html(manifest.sweep(), manifest.job().bestMetric())
                + details.findings().map(FindingsSection::html).orElse("")
                + details.reliability().map(ReliabilitySection::html).orElse("")
                + PictureSections.html(details.pictures())
                + matrix()
                + classes() + epochs() + job()
                + "</body>\n</html>\n";
    }

    private String summary() {
        Best best = manifest.best();
        String scores = best == null
                ? "no epoch finished yet"
                : String.format(
                        Locale.ROOT,
                        "best epoch %d: accuracy %.2f %%, loss %.4f",
                        best.epoch(),
                        100 * best.accuracy(),
                        best.loss());
        return String.format(
                Locale.ROOT,
                "<p>Model <b>%s</b>: %s, %d classes; %d of %d epochs; %s.</p>%n",
                Html.escape(manifest.job().model()),
                manifest.network().wire(),
                manifest.job().classes(),
                manifest.history().size(),
                manifest.job().epochs(),
                scores);
    }

    private String curves() {
        CurveChart loss = new CurveChart(
                "Loss",
                List.of(
                        series("training", epoch -> epoch.train().loss()),
                        series("validation", epoch -> epoch.validation().loss())));
        CurveChart accuracy = new CurveChart(
                "Accuracy",
                List.of(
                        series("training", epoch -> epoch.train().accuracy()),
                        series("validation", epoch -> epoch.validation().accuracy())));
        return "<div class=\"charts\">\n<figure><figcaption>Loss</figcaption>\n" + loss.svg()
                + "</figure>\n<figure><figcaption>Accuracy</figcaption>\n" + accuracy.svg() + "</figure>\n</div>\n";
    }

    private CurveChart.Series series(String name, ToDoubleFunction<EpochScores> value) {
        List<Double> values =
                manifest.history().stream().mapToDouble(value).boxed().toList();
        return new CurveChart.Series(name, name, values);
    }

    private String epochs() {
        StringBuilder table = new StringBuilder("<h2>Epochs</h2>\n<div class=\"wide\"><table>\n");
        table.append(Html.row(
                "th",
                "epoch",
                "training loss",
                "training accuracy",
                "validation loss",
                "validation accuracy",
                "top-5",
                "learning rate"));
        List<EpochScores> history = manifest.history();
        history.subList(Math.max(0, history.size() - MAX_ROWS), history.size())
                .forEach(epoch -> table.append(Html.row(
                        "td",
                        epoch.epoch(),
                        loss(epoch.train().loss()),
                        percent(epoch.train().accuracy()),
                        loss(epoch.validation().loss()),
                        percent(epoch.validation().accuracy()),
                        percent(epoch.validation().top5Accuracy()),
                        String.format(Locale.ROOT, "%.3g", epoch.learningRate()))));
        return table.append("</table></div>\n").toString();
    }

    private String matrix() {
        List<List<Integer>> counts = manifest.confusionMatrix();
        if (counts == null || counts.isEmpty()) {
            return "";
        } else if (counts.size() > MAX_MATRIX_CLASSES) {
            return WorstPairs.html(manifest.classNames(), counts);
        }
        StringBuilder table = new StringBuilder(
                "<h2>Confusion matrix</h2>\n<p>Rows: the true class; columns: the predicted one; in images.</p>\n"
                        + "<div class=\"wide\"><table class=\"matrix\">\n<tr><th></th>");
        manifest.classNames()
                .forEach(name -> table.append("<th class=\"column\"><span>")
                        .append(Html.escape(name))
                        .append("</span></th>"));
        table.append("</tr>\n");
        for (int label = 0; label < counts.size(); label++) {
            matrixRow(table, manifest.classNames().get(label), label, counts.get(label));
        }
        return table.append("</table></div>\n").toString();
    }

    private static void matrixRow(StringBuilder table, String name, int label, List<Integer> counts) {
        int most = Math.max(1, counts.stream().mapToInt(Integer::intValue).sum());
        table.append("<tr><th>").append(Html.escape(name)).append("</th>");
        for (int predicted = 0; predicted < counts.size(); predicted++) {
            int count = counts.get(predicted);
            String color = predicted == label ? "31,119,80" : "190,60,30";
            String style = count == 0
                    ? ""
                    : String.format(
                            Locale.ROOT, " style=\"background:rgba(%s,%.2f)\"", color, 0.15 + 0.6 * count / most);
            table.append("<td")
                    .append(style)
                    .append(">")
                    .append(count == 0 ? "" : count)
                    .append("</td>");
        }
        table.append("</tr>\n");
    }

    private String classes() {
        List<ClassScores> scores = manifest.perClass();
        if (scores == null || scores.isEmpty()) {
            return "";
        }
        StringBuilder table = new StringBuilder("<h2>Classes</h2>\n<div class=\"wide\"><table>\n");
        table.append(Html.row("th", "class", "precision", "recall", "F1", "images"));
        scores.stream()
                .limit(MAX_ROWS)
                .forEach(score -> table.append(Html.row(
                        "td",
                        score.label(),
                        percent(score.precision()),
                        percent(score.recall()),
                        percent(f1(score)),
                        score.support())));
        return table.append("</table></div>\n").toString();
    }

    /** The harmonic mean of precision and recall, 0 where both are. */
    private static double f1(ClassScores score) {
        double sum = score.precision() + score.recall();
        return sum == 0 ? 0 : 2 * score.precision() * score.recall() / sum;
    }

    private String job() {
        String json = new String(Json.write(manifest.job()), StandardCharsets.UTF_8);
        return "<h2>Job</h2>\n<p>Starting weights: <code>" + manifest.weightsDigest() + "</code></p>\n<pre>"
                + Html.escape(json.replace(",\"", ",\n \"")) + "</pre>\n";
    }

    private static String loss(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    private static String resource(String name) {
        try (@Nullable InputStream bytes = TrainingReport.class.getResourceAsStream(name)) {
            if (bytes == null) {
                throw new IllegalStateException(name + " is missing from the jar");
            }
            return new String(bytes.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
