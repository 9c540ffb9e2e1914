package io.github.finetide.inference.pipeline;

import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.message.VersionAnswer;

/**
 * What a version and its model's shadow say of the same image.
 *
 * @param answer what the request got
 */
public record ShadowComparison(
        RequestInFlight request, ModelInfo answering, VersionAnswer answer, VersionAnswer shadow) {
    /** By name: versions may number their classes differently. */
    public boolean agrees() {
        return answer.label().equals(shadow.label());
    }
}
