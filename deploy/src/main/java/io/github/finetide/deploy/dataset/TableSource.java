package io.github.finetide.deploy.dataset;

import io.github.finetide.deploy.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** CSV and TSV with a header, as RFC 4180 and spreadsheets write it: quotes, doubled quotes, semicolons too. */
final class TableSource {
    private TableSource() {}

    /** A row and the line it begins on. */
    private record Row(List<String> cells, int line) {}

    static LabelledImages read(String name, String text, Columns.Wanted wanted) {
        List<Row> rows = rows(name, text, delimiter(name, text));
        if (rows.isEmpty()) {
            throw new CommandFailure(name + " is empty");
        }
        List<String> header = rows.get(0).cells();
        List<Row> data = rows.subList(1, rows.size());
        Columns columns =
                Columns.find(name, header, data.stream().map(Row::cells).toList(), wanted);
        LabelledImages images = new LabelledImages();
        for (Row row : data) {
            String place = name + " line " + row.line();
            if (row.cells().size() != header.size()) {
                images.leaveOut(place, row.cells().size() + " fields where the header has " + header.size());
            } else {
                images.add(row.cells().get(columns.image()), row.cells().get(columns.label()), place);
            }
        }
        return images;
    }

    private static char delimiter(String name, String text) {
        String first = text.lines().findFirst().orElse("");
        if (name.toLowerCase(Locale.ROOT).endsWith(".tsv")) {
            return '\t';
        }
        long commas = first.chars().filter(c -> c == ',').count();
        long semicolons = first.chars().filter(c -> c == ';').count();
        long tabs = first.chars().filter(c -> c == '\t').count();
        if (tabs > commas && tabs > semicolons) {
            return '\t';
        }
        return semicolons > commas ? ';' : ',';
    }

    private static List<Row> rows(String name, String text, char delimiter) {
        List<Row> rows = new ArrayList<>();
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        int line = 1;
        int began = 1;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quoted && i == text.length()) {
                throw new CommandFailure(
                        name + ": the quote that begins in the row of line " + began + " does not end");
            }
            line += c == '\n' && i < text.length() ? 1 : 0;
            if (quoted) {
                boolean doubled = c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"';
                quoted = c != '"' || doubled;
                i += doubled ? 1 : 0;
                cell.append(c == '"' && !doubled ? "" : String.valueOf(c));
            } else if (c == '"' && cell.toString().isBlank()) {
                cell.setLength(0);
                quoted = true;
            } else if (c == delimiter || c == '\n') {
                cells.add(cell.toString().strip());
                cell.setLength(0);
                if (c == '\n') {
                    if (cells.size() > 1 || !cells.get(0).isEmpty()) {
                        rows.add(new Row(List.copyOf(cells), began));
                    }
                    cells.clear();
                    began = line;
                }
            } else {
                cell.append(c);
            }
        }
        return rows;
    }
}
