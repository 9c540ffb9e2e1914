package io.github.finetide.message;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * JSON trees to records, by their components; every fault names the path of its field.
 *
 * <p>See RATIONALE.md, Why are messages read by our own reader and not by Jackson's data binding?
 */
final class RecordReader {
    static final String NO_AUGMENTATION = "none";
    static final String STATUS = "status";

    private final boolean lenient;

    RecordReader(boolean lenient) {
        this.lenient = lenient;
    }

    /** {@code path} is empty at the top, else the field's name with its parents'. */
    <T> T read(String path, JsonNode node, Class<T> type) {
        return type.cast(value(path, node, type));
    }

    private Object value(String path, JsonNode node, Type type) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? list(path, node, arguments[0])
                    : map(path, node, arguments[arguments.length - 1]);
        }
        Class<?> plain = (Class<?>) type;
        if (plain == ClassificationResult.class) {
            return value(path, node, resultType(node));
        } else if (plain == Augmentation.class && node.isTextual()) {
            Check.require(node.textValue().equals(NO_AUGMENTATION), path, node.textValue(), "\"none\" or an object");
            return Augmentation.NONE;
        } else if (plain == ClassWeights.class) {
            return classWeights(path, node);
        }
        if (plain == ErrorKind.class && lenient) {
            return ErrorKind.ofNewerVersion(node.asText());
        }
        return plain.isRecord() ? record(path, node, plain) : Scalars.read(path, node, plain);
    }

    private static Class<? extends ClassificationResult> resultType(JsonNode node) {
        String status = node.path(STATUS).asText();
        if (status.equals(ClassificationResult.Classified.STATUS)) {
            return ClassificationResult.Classified.class;
        }
        Check.require(status.equals(ClassificationResult.Rejected.STATUS), STATUS, status, "classified, rejected");
        return ClassificationResult.Rejected.class;
    }

    private ClassWeights classWeights(String path, JsonNode node) {
        if (node.isArray()) {
            return new ClassWeights(list(path, node, Double.class).stream()
                    .map(Double.class::cast)
                    .toList());
        }
        String allowed = "\"" + ClassWeights.BALANCED_WORD + "\" or an array of numbers";
        Check.require(node.isTextual() && node.textValue().equals(ClassWeights.BALANCED_WORD), path, node, allowed);
        return ClassWeights.BALANCED;
    }

    private List<Object> list(String path, JsonNode node, Type item) {
        Check.require(node.isArray(), path, node, "an array");
        List<Object> items = new ArrayList<>(node.size());
        for (int i = 0; i < node.size(); i++) {
            items.add(value(path + "[" + i + "]", node.path(i), item));
        }
        return List.copyOf(items);
    }

    private Map<String, Object> map(String path, JsonNode node, Type item) {
        Check.require(node.isObject(), path, node, "an object");
        Map<String, Object> items = new LinkedHashMap<>();
        node.properties()
                .forEach(field ->
                        items.put(field.getKey(), value(below(path, field.getKey()), field.getValue(), item)));
        return Map.copyOf(items);
    }

    private Object record(String path, JsonNode node, Class<?> type) {
        if (!(node instanceof ObjectNode object)) {
            throw FaultException.invalid(path, node, "an object");
        }
        RecordComponent[] components = type.getRecordComponents();
        if (!lenient) {
            refuseUnknown(path, object, components);
        }
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = component(path, object, components[i]);
        }
        return construct(path, type, components, values);
    }

    private @Nullable Object component(String path, ObjectNode object, RecordComponent component) {
        String field = below(path, component.getName());
        JsonNode node = object.get(component.getName());
        if (node != null && !node.isNull()) {
            return value(field, node, component.getGenericType());
        }
        if (!isNullable(component.getAnnotatedType())) {
            throw new FaultException(ErrorKind.INVALID, field + ": is missing, and must be given");
        }
        return null;
    }

    private static boolean isNullable(AnnotatedElement type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static void refuseUnknown(String path, ObjectNode object, RecordComponent[] components) {
        List<String> known =
                Arrays.stream(components).map(RecordComponent::getName).toList();
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                Optional<String> near = Spelling.nearest(name, known);
                throw new FaultException(
                        ErrorKind.INVALID,
                        below(path, Shown.plain(name)) + ": is not a field; "
                                + near.map(n -> "did you mean " + n + "?")
                                        .orElse("allowed: " + String.join(", ", known)));
            }
        });
    }

    private static Object construct(
            String path, Class<?> type, RecordComponent[] components, @Nullable Object[] values) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw e.getCause() instanceof FaultException fault ? placed(path, fault) : unusable(type, e);
        } catch (ReflectiveOperationException e) {
            throw unusable(type, e);
        }
    }

    /** A record's own check names its field; only the reader knows where the record stands. */
    private static FaultException placed(String path, FaultException fault) {
        return path.isEmpty() ? fault : new FaultException(fault.kind(), path + "." + fault.getMessage(), fault);
    }

    private static IllegalStateException unusable(Class<?> type, Exception cause) {
        return new IllegalStateException("cannot construct " + type, cause);
    }

    private static String below(String path, String field) {
        return path.isEmpty() ? field : path + "." + field;
    }
}
