package io.github.finetide.deploy.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.deploy.CommandFailure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** An object a line, as in the metadata.jsonl of Hugging Face's image folders. */
final class JsonLinesSource {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonLinesSource() {}

    static LabelledImages read(String name, String text, Columns.Wanted wanted) {
        LabelledImages images = new LabelledImages();
        Map<Integer, JsonNode> objects = objects(name, text, images);
        Set<String> header = new LinkedHashSet<>();
        objects.values().forEach(object -> object.fieldNames().forEachRemaining(header::add));
        List<String> names = new ArrayList<>(header);
        if (names.isEmpty()) {
            throw new CommandFailure(name + " has no objects, one a line");
        }
        List<List<String>> rows = objects.values().stream()
                .map(object ->
                        names.stream().map(field -> object.path(field).asText()).toList())
                .toList();
        Columns columns = Columns.find(name, names, rows, wanted);
        objects.forEach((line, object) -> images.add(
                object.path(names.get(columns.image())).asText(),
                object.path(names.get(columns.label())).asText(),
                name + " line " + line));
        return images;
    }

    private static Map<Integer, JsonNode> objects(String name, String text, LabelledImages images) {
        Map<Integer, JsonNode> objects = new TreeMap<>();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).isBlank()) {
                continue;
            }
            try {
                JsonNode node = MAPPER.readTree(lines.get(i));
                if (node.isObject()) {
                    objects.put(i + 1, node);
                } else {
                    images.leaveOut(name + " line " + (i + 1), "no JSON object");
                }
            } catch (JsonProcessingException e) {
                images.leaveOut(name + " line " + (i + 1), "no JSON");
            }
        }
        return objects;
    }
}
