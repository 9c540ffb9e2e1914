package io.github.finetide.message;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a field that was left out (or is null) means: the values of the article this project follows (see README.md), and PyTorch's.
 * Six depend on other fields: the weights of a model come with its head; cnn has no pretrained weights and trains whole; crop and resize follow imageSize in the
 * article's proportion (256 and 300 at 256); weight decay is 0.01 for adamw as in PyTorch; class folders say how many
 * classes there are.
 *
 * <p>See RATIONALE.md, Why do defaults stand in one JSON text?
 */
final class Defaults {
    private static final ObjectNode JOB = object("""
            {"classes": 20, "network": "resnet152", "weights": "IMAGENET1K_V2", "head": "new", "trainable": "head",
             "batchNorm": "update", "epochs": 20, "batchSize": 64,
             "optimizer": {"name": "adam", "learningRate": 0.001, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
                           "weightDecay": 0, "momentum": 0, "nesterov": false},
             "schedule": {"name": "constant", "stepSize": 25, "gamma": 0.5, "warmupEpochs": 0},
             "labelSmoothing": 0,
             "augmentation": {"resize": 300, "rotation": 45, "crop": 256, "horizontalFlip": 0.5,
                              "verticalFlip": 0.5, "brightness": 0.2, "contrast": 0.1, "saturation": 0.1,
                              "hue": 0.1, "grayscale": 0.1, "views": 0},
             "imageSize": 256, "precision": "fp32", "shuffle": true, "seed": 0, "checkpoint": {"keep": 3},
             "release": "best", "dryRun": false}
            """);
    private static final ObjectNode STOPPING = object("{\"metric\": \"accuracy\", \"minDelta\": 0}");
    private static final ObjectNode FEATURES = object("{\"helpers\": true}");
    private static final ObjectNode REQUEST = object("{\"topK\": 5, \"include\": []}");
    private static final double ADAMW_WEIGHT_DECAY = 0.01;
    private static final int ARTICLE_CROP = 256;
    private static final int ARTICLE_RESIZE = 300;

    private Defaults() {}

    /** The given object with what it leaves out; fields of a wrong type stay as they are, for the reader to refuse. */
    static ObjectNode complete(Class<?> type, ObjectNode given) {
        if (type == ClassificationRequest.class) {
            return merged(REQUEST, given);
        }
        return type == TrainingJob.class ? job(given) : given;
    }

    private static ObjectNode job(ObjectNode given) {
        ObjectNode defaults = JOB.deepCopy();
        if (given.path("network").asText().equals(Architecture.CNN.wire())) {
            defaults.put("weights", "random:" + given.path("seed").asLong(0));
            defaults.put("trainable", Trainable.ALL.wire());
        }
        if (ModelWeights.isMeant(given.path("weights").asText())) {
            defaults.put("head", Head.PRETRAINED.wire());
        }
        String optimizer = given.path("optimizer").path("name").asText();
        nested(defaults, "optimizer").put("weightDecay", weightDecay(optimizer));
        if (given.path("imageSize").canConvertToInt()) {
            int imageSize = given.path("imageSize").asInt();
            int resize = Math.round((float) imageSize * ARTICLE_RESIZE / ARTICLE_CROP);
            nested(defaults, "augmentation").put("crop", imageSize).put("resize", resize);
        }
        if (given.path("dataset").path("train").asText().matches("(?s)(file|s3):.*/")) {
            int named = given.path("dataset").path("classNames").size();
            defaults.put("classes", named > 0 ? named : TrainingJob.CLASSES_OF_FOLDERS);
        }
        if (given.path("earlyStopping").isObject()) {
            defaults.set("earlyStopping", STOPPING);
        }
        if (given.path("features").isObject()) {
            defaults.set("features", FEATURES);
        }
        return merged(defaults, given);
    }

    /** The weight decay of an optimizer, given by its name, that does not say which. */
    static double weightDecay(String optimizer) {
        return optimizer.equals(OptimizerName.ADAMW.wire()) ? ADAMW_WEIGHT_DECAY : 0;
    }

    private static ObjectNode merged(ObjectNode defaults, ObjectNode given) {
        ObjectNode result = defaults.deepCopy();
        given.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isObject() && result.get(field.getKey()) instanceof ObjectNode below) {
                result.set(field.getKey(), merged(below, (ObjectNode) value));
            } else if (!value.isNull() || !result.has(field.getKey())) {
                result.set(field.getKey(), value);
            }
        });
        return result;
    }

    private static ObjectNode nested(ObjectNode parent, String field) {
        return (ObjectNode) parent.get(field);
    }

    private static ObjectNode object(String json) {
        try {
            return (ObjectNode) new ObjectMapper().readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
