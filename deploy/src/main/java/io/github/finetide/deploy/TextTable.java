package io.github.finetide.deploy;

import java.util.ArrayList;
import java.util.List;

/** A table of text with columns as wide as they need to be; columns of numbers lean to the right. */
public final class TextTable {
    private static final String GAP = "  ";

    private final List<String> header;
    private final List<Boolean> rightAligned = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** @param header the titles; one that starts with {@code >} makes its column lean to the right */
    public TextTable(String... header) {
        this.header = new ArrayList<>();
        for (String title : header) {
            rightAligned.add(title.startsWith(">"));
            this.header.add(title.startsWith(">") ? title.substring(1) : title);
        }
    }

    /** Adds a row; cells that are not given are empty. */
    public void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** The table, a line each row, headed by its titles and a rule. */
    public List<String> lines() {
        int[] widths = new int[header.size()];
        for (List<String> row : all()) {
            boolean whole = row.size() == header.size(); // the last cell of a shorter row may run on
            for (int column = 0; column < (whole ? row.size() : row.size() - 1); column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : all()) {
            lines.add(line(row, widths));
        }
        lines.add(1, "-".repeat(lines.stream().mapToInt(String::length).max().orElse(0)));
        return lines;
    }

    private List<List<String>> all() {
        List<List<String>> all = new ArrayList<>();
        all.add(header);
        all.addAll(rows);
        return all;
    }

    private String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.size(); column++) {
            String cell = row.get(column);
            String padding = " ".repeat(Math.max(0, widths[column] - cell.length()));
            line.append(column == 0 ? "" : GAP).append(rightAligned.get(column) ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }
}
