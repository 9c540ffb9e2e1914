package io.github.finetide.deploy.classify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.deploy.classify.ClassificationClient.RequestWithResult;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Results as a user of this command reads them: under the names that the user gave the images. */
final class ResultJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ResultJson() {}

    /** A result as it came, its image called as it was asked for, also where it was sent in the request. */
    static ObjectNode of(RequestWithResult answered) {
        try {
            ObjectNode tree = (ObjectNode) MAPPER.readTree(Json.write(answered.result()));
            tree.put("image", answered.request().imageName());
            return tree;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** In the same shape, for what cannot be asked at all. */
    static ObjectNode refusedHere(String image, FaultException why) {
        ObjectNode tree = MAPPER.createObjectNode().put("status", "rejected").put("image", image);
        tree.putObject("error")
                .put("kind", why.kind().wire())
                .put("message", why.detail().message());
        return tree;
    }
}
