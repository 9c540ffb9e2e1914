package io.github.finetide.message;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;

/** JSON values to single Java values. Nothing is coerced: "20" is no number, and 20 no text. */
final class Scalars {
    /** One kind of value: takes a node, or throws a fault that names the field. */
    private interface Reader {
        Object read(String path, JsonNode node);
    }

    private static final Map<Class<?>, Reader> READERS = Map.ofEntries(
            Map.entry(String.class, Scalars::text),
            Map.entry(int.class, Scalars::integer),
            Map.entry(Integer.class, Scalars::integer),
            Map.entry(long.class, Scalars::longInteger),
            Map.entry(Long.class, Scalars::longInteger),
            Map.entry(double.class, Scalars::number),
            Map.entry(Double.class, Scalars::number),
            Map.entry(boolean.class, Scalars::flag),
            Map.entry(Boolean.class, Scalars::flag),
            Map.entry(URI.class, Scalars::uri),
            Map.entry(Instant.class, Scalars::time),
            Map.entry(Duration.class, Scalars::duration));

    private Scalars() {}

    static Object read(String path, JsonNode node, Class<?> type) {
        if (type.isEnum()) {
            return constant(path, node, type);
        }
        Reader reader = READERS.get(type);
        if (reader == null) {
            throw new IllegalArgumentException("no reader for " + type);
        }
        return reader.read(path, node);
    }

    private static String text(String path, JsonNode node) {
        Check.require(node.isTextual(), path, node, "text");
        return node.textValue();
    }

    private static Object integer(String path, JsonNode node) {
        Check.require(isWhole(node) && node.canConvertToInt(), path, node, "a whole number of 32 bits");
        return node.intValue();
    }

    private static Object longInteger(String path, JsonNode node) {
        Check.require(isWhole(node) && node.canConvertToLong(), path, node, "a whole number of 64 bits");
        return node.longValue();
    }

    /** As in JSON Schema, 20.0 is whole. */
    private static boolean isWhole(JsonNode node) {
        return node.isIntegralNumber() || (node.isNumber() && node.doubleValue() == Math.rint(node.doubleValue()));
    }

    private static Object number(String path, JsonNode node) {
        Check.require(node.isNumber() && Double.isFinite(node.doubleValue()), path, node, "a finite number");
        return node.doubleValue();
    }

    private static Object flag(String path, JsonNode node) {
        Check.require(node.isBoolean(), path, node, "true or false");
        return node.booleanValue();
    }

    private static URI uri(String path, JsonNode node) {
        String text = text(path, node);
        try {
            return UriText.strict(text);
        } catch (URISyntaxException e) {
            throw FaultException.invalid(path, text, "a URI (" + e.getReason() + "; a space is written %20)");
        }
    }

    private static Instant time(String path, JsonNode node) {
        String text = text(path, node);
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw FaultException.invalid(path, text, "an ISO-8601 time like 2026-01-31T12:00:00.000Z");
        }
    }

    private static Duration duration(String path, JsonNode node) {
        String text = text(path, node);
        try {
            return Duration.parse(text);
        } catch (DateTimeException e) {
            throw FaultException.invalid(path, text, "an ISO-8601 duration like PT6H");
        }
    }

    private static Object constant(String path, JsonNode node, Class<?> type) {
        WireName[] constants = (WireName[]) type.getEnumConstants();
        String names = Arrays.stream(constants).map(WireName::wire).collect(Collectors.joining(", "));
        Check.require(node.isTextual(), path, node, names);
        return Arrays.stream(constants)
                .filter(constant -> constant.wire().equals(node.textValue()))
                .findFirst()
                .orElseThrow(() -> FaultException.invalid(path, node.textValue(), names));
    }
}
