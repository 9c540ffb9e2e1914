package io.github.finetide.trainer.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The classes that are mistaken for each other most often: what a confusion matrix of many classes is looked at for. */
final class WorstPairs {
    private static final int MAX_PAIRS = 50; // what somebody reads

    private WorstPairs() {}

    private record Pair(int label, int predicted, int count, double share) {}

    static String html(List<String> names, List<List<Integer>> counts) {
        StringBuilder table = new StringBuilder("<h2>Most frequent confusions</h2>\n<p>A matrix of " + names.size()
                + " classes fits no page: these are its largest cells beside the diagonal.</p>\n"
                + "<div class=\"wide\"><table>\n");
        table.append(Html.row("th", "class", "taken for", "images", "of the class"));
        worst(counts)
                .forEach(pair -> table.append("<tr><td>")
                        .append(Html.escape(names.get(pair.label())))
                        .append("</td><td>")
                        .append(Html.escape(names.get(pair.predicted())))
                        .append("</td><td class=\"number\">")
                        .append(pair.count())
                        .append("</td><td class=\"number\">")
                        .append(Math.round(100 * pair.share()))
                        .append(" %</td></tr>\n"));
        return table.append("</table></div>\n").toString();
    }

    private static List<Pair> worst(List<List<Integer>> counts) {
        List<Pair> pairs = new ArrayList<>();
        for (int label = 0; label < counts.size(); label++) {
            List<Integer> row = counts.get(label);
            int all = row.stream().mapToInt(Integer::intValue).sum();
            for (int predicted = 0; predicted < row.size(); predicted++) {
                if (predicted != label && row.get(predicted) > 0) {
                    pairs.add(new Pair(label, predicted, row.get(predicted), (double) row.get(predicted) / all));
                }
            }
        }
        pairs.sort(Comparator.comparingInt(Pair::count)
                .reversed()
                .thenComparing(Comparator.comparingDouble(Pair::share).reversed()));
        return pairs.subList(0, Math.min(MAX_PAIRS, pairs.size()));
    }
}
