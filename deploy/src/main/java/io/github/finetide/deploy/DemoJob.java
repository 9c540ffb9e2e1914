package io.github.finetide.deploy;

import io.github.finetide.deploy.sample.SampleImages;
import java.util.stream.Collectors;

/** The demo's training job: the usual recipe on smaller images, so that it takes minutes on two cores. */
final class DemoJob {
    static final int EPOCHS = 8;

    private static final String TEMPLATE = """
            {
              "jobId": "demo",
              "model": "dishes",
              "dataset": {
                "train": "%s",
                "validation": "%s",
                "classNames": [%s]
              },
              "classes": %d,
              "network": "resnet152",
              "weights": "%s",
              "epochs": %d,
              "batchSize": 16,
              "augmentation": {"resize": 112, "crop": 96},
              "imageSize": 96,
              "seed": 1
            }
            """;

    private DemoJob() {}

    /** The job as JSON, as its user would write it. */
    static String json(SampleImages images, String weights) {
        String names =
                SampleImages.classNames().stream().map(name -> '"' + name + '"').collect(Collectors.joining(", "));
        return TEMPLATE.formatted(
                images.train().toUri(),
                images.validation().toUri(),
                names,
                SampleImages.classNames().size(),
                weights,
                EPOCHS);
    }
}
