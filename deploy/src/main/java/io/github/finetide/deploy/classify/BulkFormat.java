package io.github.finetide.deploy.classify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** How a result stands in a file, a line each. */
enum BulkFormat {
    /** The result as it came, under the image's own name. */
    JSON_LINES("") {
        @Override
        String line(ObjectNode result) {
            return result.toString();
        }

        @Override
        BulkRow row(String line) throws JsonProcessingException {
            JsonNode tree = MAPPER.readTree(line);
            if (!tree.path("image").isTextual() || !tree.path("status").isTextual()) {
                throw new IllegalArgumentException("not a result");
            }
            return BulkRow.of(tree);
        }
    },
    /** RFC 4180, one prediction a line. */
    CSV("image,status,label,probability,confidence,decision,model,version,error,message") {
        @Override
        String line(ObjectNode result) {
            JsonNode best = result.path("predictions").path(0);
            return List.of(
                            result.path("image"),
                            result.path("status"),
                            best.path("label"),
                            best.path("probability"),
                            result.path("confidence"),
                            result.path("decision"),
                            result.path("model"),
                            result.path("version"),
                            result.path("error").path("kind"),
                            result.path("error").path("message"))
                    .stream()
                    .map(cell -> quoted(cell.asText()))
                    .collect(Collectors.joining(","));
        }

        @Override
        BulkRow row(String line) {
            List<String> cells = cells(line);
            if (cells.size() != COLUMNS) {
                throw new IllegalArgumentException("not " + COLUMNS + " columns");
            }
            boolean classified = cells.get(8).isEmpty();
            return new BulkRow(
                    cells.get(0),
                    classified ? cells.get(2) : null,
                    cells.get(5).equals("abstained"),
                    classified ? null : cells.get(8));
        }
    };

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int COLUMNS = 10;
    private static final Pattern CELL = Pattern.compile("(\"(?:[^\"]|\"\")*+\"|[^\",]*+)(,|$)");

    private final String header;

    BulkFormat(String header) {
        this.header = header;
    }

    /** The first line; empty where there is none. */
    String header() {
        return header;
    }

    abstract String line(ObjectNode result);

    abstract BulkRow row(String line) throws JsonProcessingException;

    /** A line break would end the record for the reader of a run that goes on. */
    private static String quoted(String cell) {
        String text = cell.replaceAll("[\r\n]+", " ");
        return text.matches("[^\",]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        Matcher cell = CELL.matcher(line);
        while (cell.find()) {
            String text = cell.group(1);
            cells.add(
                    text.startsWith("\"") ? text.substring(1, text.length() - 1).replace("\"\"", "\"") : text);
            if (cell.group(2).isEmpty()) {
                return cells;
            }
        }
        return cells;
    }
}
