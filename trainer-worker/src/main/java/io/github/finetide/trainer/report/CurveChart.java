package io.github.finetide.trainer.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/** Curves over epochs as an inline SVG: one line a series, a grid with labels, and a legend. */
final class CurveChart {
    /**
     * One line.
     *
     * @param style class of the style sheet
     * @param values one an epoch, from epoch 1
     */
    record Series(String name, String style, List<Double> values) {}

    private static final int WIDTH = 560;
    private static final int HEIGHT = 260;
    private static final int LEFT = 56;
    private static final int RIGHT = 12;
    private static final int TOP = 28;
    private static final int BOTTOM = 36;
    private static final int GRID_LINES = 5;

    private final String title;
    private final List<Series> series;
    private final int epochs;
    private final double low;
    private final double high;

    CurveChart(String title, List<Series> series) {
        this.title = title;
        this.series = series;
        this.epochs =
                series.stream().mapToInt(line -> line.values().size()).max().orElse(0);
        double least = values().min().orElse(0);
        double most = values().max().orElse(1);
        double margin = most > least ? 0.05 * (most - least) : 0.5;
        this.low = least < most / 2 ? 0 : Math.max(0, least - margin); // a scale that nearly begins at 0 begins there
        this.high = most + margin;
    }

    private DoubleStream values() {
        return series.stream().flatMap(line -> line.values().stream()).mapToDouble(Double::doubleValue);
    }

    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s by epoch\">%n",
                WIDTH,
                HEIGHT,
                Html.escape(title)));
        grid(svg);
        epochLabels(svg);
        for (int index = 0; index < series.size(); index++) {
            line(svg, series.get(index));
            legend(svg, series.get(index), index);
        }
        return svg.append("</svg>\n").toString();
    }

    private void grid(StringBuilder svg) {
        for (int step = 0; step < GRID_LINES; step++) {
            double value = low + (high - low) * step / (GRID_LINES - 1);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                            + "<text class=\"end\" x=\"%d\" y=\"%.1f\">%.3g</text>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y(value),
                    y(value),
                    LEFT - 6,
                    y(value) + 4,
                    value));
        }
    }

    private void epochLabels(StringBuilder svg) {
        int step = Math.max(1, (epochs + 9) / 10);
        for (int epoch = 1; epoch <= epochs; epoch += step) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%d</text>%n",
                    x(epoch),
                    HEIGHT - BOTTOM + 16,
                    epoch));
        }
        svg.append(String.format(
                Locale.ROOT,
                "<text class=\"middle\" x=\"%d\" y=\"%d\">epoch</text>%n",
                (LEFT + WIDTH - RIGHT) / 2,
                HEIGHT - 4));
    }

    private void line(StringBuilder svg, Series line) {
        StringBuilder points = new StringBuilder();
        StringBuilder dots = new StringBuilder();
        for (int epoch = 1; epoch <= line.values().size(); epoch++) {
            double value = line.values().get(epoch - 1);
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(epoch), y(value)));
            dots.append(String.format(
                    Locale.ROOT,
                    "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"><title>epoch %d: %.4f</title></circle>%n",
                    line.style(),
                    x(epoch),
                    y(value),
                    epoch,
                    value));
        }
        svg.append("<polyline class=\"").append(line.style()).append("\" points=\"");
        svg.append(points.toString().strip()).append("\"/>\n").append(dots);
    }

    private static void legend(StringBuilder svg, Series line, int index) {
        int x = LEFT + 130 * index;
        svg.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%d\" x2=\"%d\" y1=\"12\" y2=\"12\"/><text x=\"%d\" y=\"16\">%s</text>%n",
                line.style(),
                x,
                x + 22,
                x + 28,
                Html.escape(line.name())));
    }

    private double x(int epoch) {
        double share = epochs <= 1 ? 0.5 : (epoch - 1.0) / (epochs - 1.0);
        return LEFT + 8 + share * (WIDTH - RIGHT - LEFT - 16);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - BOTTOM - TOP);
    }
}
