package io.github.finetide.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.finetide.deploy.TextTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a run of the bench found out: figures, ratios of them, and what could not be measured and why. */
final class Results {
    private final Map<String, String> machine;
    private final boolean quick;
    private final Map<String, Figure> figures = new LinkedHashMap<>();
    private final Map<String, String> absent = new LinkedHashMap<>();

    /** @param machine facts by name */
    Results(Map<String, String> machine, boolean quick) {
        this.machine = machine;
        this.quick = quick;
    }

    void add(String name, double value, Figure.Unit unit) {
        figures.put(name, new Figure(name, value, unit));
    }

    /** Notes that something has no figure. */
    void absent(String name, String why) {
        absent.put(name, why);
    }

    Map<String, Figure> figures() {
        return figures;
    }

    /** The ratios whose figures are all there. */
    Map<String, Double> ratios() {
        Map<String, Double> ratios = new LinkedHashMap<>();
        Ratio.ALL.forEach(ratio -> ratio.of(figures).ifPresent(value -> ratios.put(ratio.name(), value)));
        return ratios;
    }

    /** What a person reads. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        machine.forEach((name, value) -> lines.add(String.format(Locale.ROOT, "%-12s %s", name, value)));
        TextTable table = new TextTable("measured", ">value", "");
        figures.values()
                .forEach(figure -> table.row(
                        figure.name(),
                        String.format(Locale.ROOT, figure.unit().format(), figure.value()),
                        figure.unit().symbol()));
        if (!figures.isEmpty()) {
            lines.add("");
            lines.addAll(table.lines());
        }
        if (!ratios().isEmpty()) {
            lines.add("");
            lines.addAll(ratioLines());
        }
        if (!absent.isEmpty()) {
            lines.add("");
            absent.forEach((name, why) -> lines.add("absent: " + name + ": " + why));
        }
        return lines;
    }

    private List<String> ratioLines() {
        TextTable table = new TextTable("ratio", ">value", "aim", "");
        Map<String, Double> ratios = ratios();
        for (Ratio ratio : Ratio.ALL) {
            Double value = ratios.get(ratio.name());
            if (value != null) {
                String reached = ratio.wanted().isEmpty() ? "" : ratio.isReached(value) ? "reached" : "missed";
                table.row(ratio.name(), String.format(Locale.ROOT, "%.2f", value), ratio.wanted(), reached);
            }
        }
        return table.lines();
    }

    /** What a program reads. */
    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("machine", machine);
        all.put("quick", quick);
        all.put("ratios", ratios());
        Map<String, Object> values = new LinkedHashMap<>();
        figures.values()
                .forEach(figure -> values.put(
                        figure.name(),
                        Map.of("value", figure.value(), "unit", figure.unit().symbol())));
        all.put("measurements", values);
        all.put("absent", absent);
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(all);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
