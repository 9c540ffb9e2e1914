package io.github.finetide.deploy;

import java.util.ArrayList;
import java.util.List;

/**
 * A table of text with columns as wide as they need to be, or as a terminal lets them; columns of numbers lean to the
 * right.
 */
public final class TextTable {
    private static final String GAP = "  ";

    /** No column of text is made narrower: a name's beginning and a path's end are still seen. */
    private static final int LEAST_COLUMNS = 12;

    /** What is done with a column whose text is too wide. */
    private enum Kind {
        TEXT,
        NUMBER,
        PATH
    }

    private final List<String> header = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * @param titles one that starts with {@code >} makes its column lean to the right; one that starts with {@code <} is of
     *     paths, of which the end counts most
     */
    public TextTable(String... titles) {
        for (String title : titles) {
            Kind kind = title.startsWith(">") ? Kind.NUMBER : title.startsWith("<") ? Kind.PATH : Kind.TEXT;
            kinds.add(kind);
            header.add(kind == Kind.TEXT ? title : title.substring(1));
        }
    }

    /** Adds a row; cells that are not given are empty. */
    public void row(String... cells) {
        rows.add(List.of(cells));
    }

    /** The table, a line each row, headed by its titles and a rule; as wide as it needs to be. */
    public List<String> lines() {
        return lines(Screen.NOT_A_TERMINAL);
    }

    /** The same, no wider than a terminal: paths lose their beginning, other text its end. */
    public List<String> lines(int columns) {
        int[] widths = widths();
        if (columns != Screen.NOT_A_TERMINAL) {
            narrow(widths, columns, Kind.PATH);
            narrow(widths, columns, Kind.TEXT);
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : all()) {
            lines.add(line(row, widths));
        }
        int widest = lines.stream().mapToInt(TextWidth::of).max().orElse(0);
        lines.add(1, "-".repeat(columns == Screen.NOT_A_TERMINAL ? widest : Math.min(widest, columns)));
        return lines;
    }

    private int[] widths() {
        int[] widths = new int[header.size()];
        for (List<String> row : all()) {
            boolean whole = row.size() == header.size(); // the last cell of a shorter row may run on
            for (int column = 0; column < (whole ? row.size() : row.size() - 1); column++) {
                widths[column] = Math.max(widths[column], TextWidth.of(row.get(column)));
            }
        }
        return widths;
    }

    /** Takes from the widest columns of a kind, a column at a time, until the table fits or none has more to give. */
    private void narrow(int[] widths, int columns, Kind kind) {
        while (total(widths) > columns) {
            int widest = -1;
            for (int i = 0; i < widths.length; i++) {
                boolean gives =
                        kinds.get(i) == kind && widths[i] > Math.max(LEAST_COLUMNS, TextWidth.of(header.get(i)));
                widest = gives && (widest < 0 || widths[i] > widths[widest]) ? i : widest;
            }
            if (widest < 0) {
                return;
            }
            widths[widest]--;
        }
    }

    private static int total(int[] widths) {
        int total = GAP.length() * (widths.length - 1);
        for (int width : widths) {
            total += width;
        }
        return total;
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
            boolean runsOn = column == row.size() - 1 && row.size() < header.size();
            String cell = runsOn ? row.get(column) : fitted(row.get(column), widths[column], kinds.get(column));
            String padding = " ".repeat(Math.max(0, widths[column] - TextWidth.of(cell)));
            boolean right = kinds.get(column) == Kind.NUMBER;
            line.append(column == 0 ? "" : GAP).append(right ? padding + cell : cell + padding);
        }
        return line.toString().stripTrailing();
    }

    private static String fitted(String cell, int width, Kind kind) {
        return kind == Kind.PATH ? TextWidth.cutLeft(cell, width) : TextWidth.cutRight(cell, width);
    }
}
