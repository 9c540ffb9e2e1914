package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.message.Architecture;
import io.github.finetide.trainer.progress.EpochResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicTest;

/** A job that jobs.py trained with a PyTorch loop written as in the article. */
record PyTorchJob(JsonNode golden) {

    /** Makes a test of each job of a network; all of them use the folder. */
    static List<DynamicTest> tests(Architecture network, Path folder) throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode golden : TrainingGolden.read("jobs.json").get("jobs")) {
            PyTorchJob job = new PyTorchJob(golden);
            if (job.network() == network) {
                tests.add(DynamicTest.dynamicTest(job.name(), () -> job.compare(folder)));
            }
        }
        return tests;
    }

    private String name() {
        return golden.get("name").asText();
    }

    private Architecture network() {
        return Architecture.valueOf(golden.get("network").asText().toUpperCase(Locale.ROOT));
    }

    private void compare(Path folder) throws IOException {
        Recorded progress = new Recorded();
        try (Workshop workshop = new Workshop(folder)) {
            int imageSize = golden.get("imageSize").asInt();
            workshop.run(workshop.job(name(), network(), imageSize, fields()), progress);
        }
        JsonNode results = golden.get("results");
        assertThat(progress.epochs).hasSize(results.size());
        for (EpochResult epoch : progress.epochs) {
            JsonNode expected = results.get(epoch.epoch() - 1);
            String what = name() + " epoch " + epoch.epoch();
            assertThat(epoch.train().loss())
                    .as(what)
                    .isCloseTo(expected.get("trainLoss").asDouble(), withinPercentage(0.1));
            assertThat(epoch.train().accuracy())
                    .as(what)
                    .isEqualTo(expected.get("trainAccuracy").asDouble());
            assertThat(epoch.validation().scores().loss())
                    .as(what)
                    .isCloseTo(expected.get("loss").asDouble(), withinPercentage(0.1));
            assertThat(epoch.validation().scores().accuracy())
                    .as(what)
                    .isEqualTo(expected.get("accuracy").asDouble());
            assertThat(epoch.validation().scores().top5Accuracy())
                    .as(what)
                    .isEqualTo(expected.get("top5Accuracy").asDouble());
        }
    }

    /** The job's other fields as they stand in the golden file, those of jobs.py being the contract's. */
    private String fields() {
        ObjectNode rest = golden.deepCopy();
        rest.remove(List.of("name", "network", "imageSize", "results"));
        rest.put("shuffle", false);
        rest.put("augmentation", "none");
        String json = rest.toString();
        return json.substring(1, json.length() - 1);
    }
}
