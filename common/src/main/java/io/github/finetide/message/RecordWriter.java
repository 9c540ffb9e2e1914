package io.github.finetide.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Records as JSON trees: components in their order, absent ones left out, map keys sorted. */
final class RecordWriter {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private RecordWriter() {}

    static JsonNode tree(Object value) {
        if (value instanceof Augmentation augmentation && augmentation.isNone()) {
            return NODES.textNode(RecordReader.NO_AUGMENTATION);
        } else if (value instanceof ClassWeights weights) {
            List<Double> values = weights.values();
            return values == null ? NODES.textNode(ClassWeights.BALANCED_WORD) : tree(values);
        } else if (value instanceof Record) {
            return object(value);
        } else if (value instanceof List<?> list) {
            ArrayNode array = NODES.arrayNode(list.size());
            list.forEach(item -> array.add(tree(item)));
            return array;
        } else if (value instanceof Map<?, ?> map) {
            ObjectNode object = NODES.objectNode();
            Map<String, Object> sorted = new TreeMap<>();
            map.forEach((key, item) -> sorted.put(key.toString(), item));
            sorted.forEach((key, item) -> object.set(key, tree(item)));
            return object;
        }
        return scalar(value);
    }

    private static JsonNode scalar(Object value) {
        if (value instanceof Boolean flag) {
            return NODES.booleanNode(flag);
        } else if (value instanceof Integer number) {
            return NODES.numberNode(number);
        } else if (value instanceof Long number) {
            return NODES.numberNode(number);
        } else if (value instanceof Double number) {
            return NODES.numberNode(number);
        } else if (value instanceof WireName name) {
            return NODES.textNode(name.wire());
        } else if (value instanceof Instant time) {
            return NODES.textNode(TIME.format(time));
        } else if (value instanceof String || value instanceof URI || value instanceof Duration) {
            return NODES.textNode(value.toString());
        }
        throw new IllegalArgumentException("no JSON for " + value.getClass());
    }

    private static ObjectNode object(Object value) {
        ObjectNode object = NODES.objectNode();
        for (RecordComponent component : value.getClass().getRecordComponents()) {
            Object item = get(component, value);
            if (item != null) {
                object.set(component.getName(), tree(item));
            }
            if (value instanceof ClassificationResult result && object.size() == 1) {
                object.put(RecordReader.STATUS, result.status()); // right after the requestId
            }
        }
        return object;
    }

    private static @Nullable Object get(RecordComponent component, Object owner) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(owner);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }
}
