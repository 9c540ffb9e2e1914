package io.github.finetide.deploy.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Set;

/** What the API of Kubernetes knows of the kinds that this project uses: {@code kubernetes.schema.json}. */
final class KubernetesModel {
    /** Kinds that the schema does not hold; a ConfigMap holds what one likes. */
    private static final Set<String> UNKNOWN = Set.of(
            "v1 ConfigMap",
            "keda.sh/v1alpha1 ScaledObject",
            "keda.sh/v1alpha1 TriggerAuthentication",
            "kustomize.config.k8s.io/v1beta1 Kustomization",
            "monitoring.coreos.com/v1 PodMonitor");

    private static final JsonNode ALL = read();

    private KubernetesModel() {}

    /** Fails where a field is unknown, misplaced, missing or of another type, or where the kind is unknown. */
    static void check(JsonNode document) {
        String kind = document.path("apiVersion").asText() + " "
                + document.path("kind").asText();
        if (!UNKNOWN.contains(kind)) {
            assertThat(schema(kind).validate(document.toString(), InputFormat.JSON))
                    .as(kind)
                    .isEmpty();
        }
    }

    private static Schema schema(String kind) {
        ObjectNode root = ALL.path("kinds").path(kind).deepCopy();
        root.set("$defs", ALL.path("$defs"));
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(root.toString());
    }

    private static JsonNode read() {
        try (InputStream stream = KubernetesModel.class.getResourceAsStream("kubernetes.schema.json")) {
            return new ObjectMapper()
                    .readTree(new String(Objects.requireNonNull(stream).readAllBytes(), UTF_8));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
