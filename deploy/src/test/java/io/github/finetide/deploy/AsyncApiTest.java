package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** deploy/asyncapi.yaml says what the codec does. */
class AsyncApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNode DOCUMENT = document();

    static Stream<Object> samples() {
        return Samples.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void encodedMessagesFitTheirSchemas(Object message) throws IOException {
        assertThat(errors(schemaName(message), Json.write(message))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void everyComponentIsDescribed(Object message) {
        TreeSet<String> described = new TreeSet<>();
        schema(message.getClass().getSimpleName())
                .path("properties")
                .fieldNames()
                .forEachRemaining(described::add);
        TreeSet<String> components = new TreeSet<>();
        Arrays.stream(message.getClass().getRecordComponents())
                .map(RecordComponent::getName)
                .forEach(components::add);
        if (message instanceof ClassificationResult) {
            components.add("status");
        }
        assertThat(described).isEqualTo(components);
    }

    @Test
    void defaultsOfTheDocumentAreThoseOfTheCodec() throws IOException {
        JsonNode job = MAPPER.readTree(Json.write(Json.read(Samples.JOB.getBytes(UTF_8), TrainingJob.class)));
        ObjectNode documented = MAPPER.createObjectNode();
        defaults(schema("TrainingJob"), documented);
        ObjectNode augmentation = documented.putObject("augmentation");
        defaults(schema("Augmentation"), augmentation);
        documented.remove("earlyStopping");
        documented.remove("sweep");
        documented.remove("features");

        assertThat(numbersAsDoubles(job)).containsAllEntriesOf(numbersAsDoubles(documented));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"jobId\":\"a/b\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///a\",\"validation\":\"file:///b\"}}",
                "{\"jobId\":\"..\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///a\",\"validation\":\"file:///b\"}}",
                "{\"jobId\":\"weights\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///a\",\"validation\":\"file:///b\"}}",
                "{\"jobId\":\"a\",\"model\":\"m\",\"dataset\":{\"train\":\"a\",\"validation\":\"file:///b\"}}",
                "{\"jobId\":\"a\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///a\",\"validation\":\"s3://b/c\"},\"epoch\":3}",
                "{\"jobId\":\"a\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///a\",\"validation\":\"s3://b/c\"},\"epochs\":0}",
                "{\"jobId\":\"a\",\"model\":\"m\",\"dataset\":{\"train\":\"file:///a\",\"validation\":\"s3://b/c\"},\"augmentation\":1}",
            })
    void whatTheSchemaRefusesTheCodecRefuses(String json) throws IOException {
        assertThat(errors("TrainingJob", json.getBytes(UTF_8))).isNotEmpty();
        assertThat(catchFault(json, TrainingJob.class)).isTrue();
    }

    @Test
    void channelsAreTheTopics() {
        List<String> addresses = StreamSupport.stream(DOCUMENT.path("channels").spliterator(), false)
                .map(channel -> channel.path("address").asText())
                .toList();

        assertThat(addresses)
                .containsExactlyInAnyOrderElementsOf(
                        new Topics("").specs().stream().map(spec -> spec.name()).toList());
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(DOCUMENT.findValuesAsText("$ref"))
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                DOCUMENT.at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    private static String schemaName(Object message) {
        return message instanceof ClassificationResult
                ? "ClassificationResult"
                : message.getClass().getSimpleName();
    }

    private static JsonNode schema(String name) {
        return DOCUMENT.path("components").path("schemas").path(name);
    }

    private static List<Error> errors(String name, byte[] json) throws IOException {
        ObjectNode root = MAPPER.createObjectNode();
        root.set("components", DOCUMENT.path("components"));
        root.put("$ref", "#/components/schemas/" + name);
        Schema schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7).getSchema(root);
        return schema.validate(MAPPER.readTree(json));
    }

    private static void defaults(JsonNode schema, ObjectNode into) {
        schema.path("properties").properties().forEach(property -> {
            JsonNode value = property.getValue();
            if (value.has("default")) {
                into.set(property.getKey(), value.get("default"));
            } else if (value.has("properties") && !property.getKey().equals("dataset")) {
                defaults(value, into.putObject(property.getKey()));
            }
        });
    }

    private static Map<String, Object> numbersAsDoubles(JsonNode node) {
        Map<String, Object> fields = new TreeMap<>();
        node.properties().forEach(field -> {
            JsonNode value = field.getValue();
            Object plain = value.isObject() ? numbersAsDoubles(value) : value.isNumber() ? value.doubleValue() : value;
            fields.put(field.getKey(), plain);
        });
        return fields;
    }

    private static boolean catchFault(String json, Class<?> type) {
        try {
            Json.read(json.getBytes(UTF_8), type);
            return false;
        } catch (FaultException e) {
            return true;
        }
    }

    private static JsonNode document() {
        try {
            return new YAMLMapper().readTree(Path.of("asyncapi.yaml").toFile());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
