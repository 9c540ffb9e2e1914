package io.github.finetide.trainer.report;

import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.FindingKind;
import io.github.finetide.trainer.report.ReportFindings.Shown;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The part of a report that says which images and labels to look at. */
final class FindingsSection {
    private FindingsSection() {}

    static String html(ReportFindings findings) {
        FindingCounts counts = findings.counts();
        return "<h2>Images and labels to look at</h2>\n<p>" + Html.escape(findings.lookedAt())
                + " <code>findings.jsonl</code> in the checkpoint's folder has all that was found, with list and line.</p>\n"
                + pictures(
                        "Labels to check",
                        "The label first, then what the image more probably is (confident learning): the label or the model is wrong.",
                        findings,
                        FindingKind.LABEL_ERROR,
                        counts.labelErrors())
                + pictures(
                        "In training and in validation",
                        "Nearly the same image on both sides makes validation look better than it is.",
                        findings,
                        FindingKind.LEAK,
                        counts.leaks())
                + pictures(
                        "Nearly the same image twice",
                        "On one side.",
                        findings,
                        FindingKind.NEAR_DUPLICATE,
                        counts.nearDuplicates())
                + pictures(
                        "Unlike all others",
                        "Perhaps images of something else, or damaged ones.",
                        findings,
                        FindingKind.OUTLIER,
                        counts.outliers())
                + smallClasses(findings);
    }

    private static String pictures(String title, String text, ReportFindings all, FindingKind kind, int count) {
        List<Shown> shown = of(all, kind);
        if (count == 0) {
            return "";
        }
        String some = shown.size() < count ? " The first " + shown.size() + " are shown." : "";
        return "<h3>" + title + ": " + count + "</h3>\n<p>" + text + some + "</p>\n<div class=\""
                + (isPair(kind) ? "pairs" : "pictures")
                + "\">\n"
                + shown.stream().map(FindingsSection::figure).collect(Collectors.joining()) + "</div>\n";
    }

    private static List<Shown> of(ReportFindings all, FindingKind kind) {
        return all.shown().stream()
                .filter(shown -> shown.finding().kind() == kind)
                .toList();
    }

    private static boolean isPair(FindingKind kind) {
        return kind == FindingKind.LEAK || kind == FindingKind.NEAR_DUPLICATE;
    }

    private static String figure(Shown shown) {
        String first = PictureSections.figure(shown.picture(), "no picture");
        return isPair(shown.finding().kind())
                ? "<div class=\"pair\"><div>" + first + PictureSections.figure(shown.other(), "no picture")
                        + "</div></div>\n"
                : first;
    }

    private static String smallClasses(ReportFindings all) {
        List<Shown> shown = of(all, FindingKind.SMALL_CLASS);
        if (shown.isEmpty()) {
            return "";
        }
        int more = all.counts().smallClasses() - shown.size();
        String names = shown.stream().map(one -> small(one.finding())).collect(Collectors.joining(", "));
        return "<h3>Classes with few images: " + all.counts().smallClasses()
                + "</h3>\n<p>Too few to learn from, or to judge by: " + Html.escape(names)
                + (more > 0 ? " and " + more + " more" : "") + ".</p>\n";
    }

    private static String small(Finding finding) {
        String list = finding.manifest().toString().replaceFirst("/$", "").replaceFirst(".*/", "");
        return String.format(Locale.ROOT, "%s (%.0f in %s)", finding.label(), finding.score(), list);
    }
}
