package io.github.finetide.trainer.report;

import io.github.finetide.message.ConfidenceThreshold;
import java.util.List;
import java.util.Locale;

/** Reliability diagrams before and after calibration (Niculescu-Mizil and Caruana 2005), and what a threshold costs. */
final class ReliabilitySection {
    private static final int EDGE = 280;
    private static final int LEFT = 44;
    private static final int BOTTOM = 40;
    private static final int MARGIN = 8;
    private static final int TICKS = 5;
    private static final int INNER = EDGE - LEFT - MARGIN;

    private ReliabilitySection() {}

    static String html(Reliability reliability) {
        var confidence = reliability.confidence();
        String text = String.format(
                Locale.ROOT,
                "<h2>Confidence</h2>%n<p>How often the model is right, by how sure it is, over all validation images: on the"
                        + " dashed line probabilities mean what they say; the larger a dot, the more images. Dividing"
                        + " logits by the temperature %.3f takes the expected calibration error from %.4f to %.4f.</p>%n",
                confidence.temperature(),
                confidence.ece().before(),
                confidence.ece().after());
        return text + "<div class=\"charts small\">\n" + figure("As computed", reliability.before())
                + figure("Calibrated", reliability.after()) + "</div>\n" + thresholds(confidence.thresholds());
    }

    private static String figure(String title, List<Reliability.Bin> bins) {
        return "<figure><figcaption>" + title + "</figcaption>\n" + svg(title, bins) + "</figure>\n";
    }

    static String svg(String title, List<Reliability.Bin> bins) {
        StringBuilder svg = new StringBuilder(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Reliability: %s\">%n",
                EDGE,
                EDGE,
                Html.escape(title)));
        ticks(svg);
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"ideal\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                x(0),
                y(0),
                x(1),
                y(1)));
        int all = bins.stream().mapToInt(Reliability.Bin::images).sum();
        bins.stream().filter(bin -> bin.images() > 0).forEach(bin -> dot(svg, bin, all));
        return svg.append(String.format(
                        Locale.ROOT,
                        "<text class=\"middle\" x=\"%.1f\" y=\"%d\">confidence</text>"
                                + "<text class=\"middle\" transform=\"translate(11 %.1f) rotate(-90)\">right</text>%n</svg>%n",
                        x(0.5),
                        EDGE - 4,
                        y(0.5)))
                .toString();
    }

    private static void ticks(StringBuilder svg) {
        for (int tick = 0; tick <= TICKS; tick++) {
            double share = (double) tick / TICKS;
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text class=\"end\" x=\"%d\" y=\"%.1f\">%.1f</text>"
                            + "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%.1f</text>%n",
                    x(0),
                    x(1),
                    y(share),
                    y(share),
                    LEFT - 6,
                    y(share) + 4,
                    share,
                    x(share),
                    EDGE - BOTTOM + 16,
                    share));
        }
    }

    private static void dot(StringBuilder svg, Reliability.Bin bin, int all) {
        svg.append(String.format(
                Locale.ROOT,
                "<circle class=\"validation\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\">"
                        + "<title>%d images: confidence %.3f, right %.3f</title></circle>%n",
                x(bin.confidence()),
                y(bin.accuracy()),
                2.5 + 7 * Math.sqrt((double) bin.images() / all),
                bin.images(),
                bin.confidence(),
                bin.accuracy()));
    }

    private static double x(double share) {
        return LEFT + share * INNER;
    }

    private static double y(double share) {
        return EDGE - BOTTOM - share * (EDGE - BOTTOM - MARGIN);
    }

    private static String thresholds(List<ConfidenceThreshold> thresholds) {
        StringBuilder table =
                new StringBuilder("<p>Answering only from a confidence on (<code>minConfidence</code>):</p>"
                        + "<div class=\"wide\"><table>\n");
        table.append(Html.row("th", "from", "answered", "right of these"));
        thresholds.forEach(threshold -> {
            Double accuracy = threshold.accuracy();
            table.append(Html.row(
                    "td",
                    String.format(Locale.ROOT, "%.2f", threshold.minConfidence()),
                    percent(threshold.coverage()),
                    accuracy == null ? "" : percent(accuracy)));
        });
        return table.append("</table></div>\n").toString();
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
