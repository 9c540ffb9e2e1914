package io.github.finetide.deploy.classify;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/**
 * What a line of results says, as far as a summary and a run that goes on need it.
 *
 * @param image as its source names it
 * @param label the most probable class; absent where the image was rejected
 * @param abstained whether the model was less sure than was asked for
 * @param kind why it was rejected; absent where it was classified
 */
record BulkRow(
        String image,
        @Nullable String label,
        boolean abstained,
        @Nullable String kind) {
    static BulkRow of(JsonNode result) {
        JsonNode label = result.path("predictions").path(0).path("label");
        JsonNode kind = result.path("error").path("kind");
        return new BulkRow(
                result.path("image").asText(),
                label.isTextual() ? label.textValue() : null,
                result.path("decision").asText().equals("abstained"),
                kind.isTextual() ? kind.textValue() : null);
    }
}
