package io.github.finetide.deploy.classify;

import io.github.finetide.deploy.TextTable;
import io.github.finetide.deploy.Texts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a file of results holds: how many images of each class, how many without an answer, and why. */
final class BulkSummary {
    /** Rows a reader takes in. */
    private static final int MOST_CLASSES = 20;

    private final Map<String, Integer> classes = new TreeMap<>();
    private final Map<String, Integer> rejected = new TreeMap<>();
    private int images;
    private int abstained;

    void add(BulkRow row) {
        images++;
        String label = row.label();
        String kind = row.kind();
        if (kind != null) {
            rejected.merge(kind, 1, Integer::sum);
        } else if (row.abstained()) {
            abstained++;
        } else if (label != null) {
            classes.merge(label, 1, Integer::sum);
        }
    }

    int images() {
        return images;
    }

    List<String> lines() {
        TextTable table = new TextTable("", ">images", ">share");
        List<Map.Entry<String, Integer>> ranked = new ArrayList<>(classes.entrySet());
        ranked.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
        ranked.stream().limit(MOST_CLASSES).forEach(entry -> row(table, entry.getKey(), entry.getValue()));
        int others =
                ranked.stream().skip(MOST_CLASSES).mapToInt(Map.Entry::getValue).sum();
        if (others > 0) {
            row(table, (ranked.size() - MOST_CLASSES) + " other classes", others);
        }
        if (abstained > 0) {
            row(table, "abstained", abstained);
        }
        rejected.forEach((kind, count) -> row(table, "rejected: " + kind, count));
        return table.lines();
    }

    private void row(TextTable table, String name, int count) {
        table.row(name, Integer.toString(count), Texts.percent((double) count / images));
    }
}
