package io.github.finetide.deploy;

import io.github.finetide.deploy.sample.SampleImages;
import java.nio.file.Path;

/** The demo's training jobs, as their user would write them. */
final class DemoJob {
    /**
     * A small network that learns the drawings from nothing. They are seen from above, so that any turn is as good, and
     * their colours tell kinds apart.
     */
    private static final String SMALL = """
            {
              "jobId": "demo-small",
              "model": "dishes",
              "dataset": {
                "train": "%s",
                "validation": "%s"
              },
              "network": "cnn",
              "epochs": 12,
              "batchSize": 16,
              "imageSize": 64,
              "augmentation": {"rotation": 180, "hue": 0.02, "grayscale": 0},
              "seed": 1
            }
            """;

    /** The last layer of ResNet152 on smaller images; the features of an image are computed once. */
    private static final String RESNET = """
            {
              "jobId": "demo-resnet152",
              "model": "dishes-resnet152",
              "dataset": {
                "train": "%s",
                "validation": "%s"
              },
              "network": "resnet152",
              "weights": "%s",
              "batchNorm": "frozen",
              "augmentation": "none",
              "epochs": 20,
              "batchSize": 16,
              "imageSize": 96,
              "seed": 1
            }
            """;

    private DemoJob() {}

    static String small(SampleImages images) {
        return SMALL.formatted(folder(images.trainFolder()), folder(images.validationFolder()));
    }

    static String resnet(SampleImages images, String weights) {
        return RESNET.formatted(folder(images.trainFolder()), folder(images.validationFolder()), weights);
    }

    /** A folder's URI ends in a slash where the folder exists. */
    private static String folder(Path path) {
        return path.toUri().toString().replaceFirst("/?$", "/");
    }
}
