package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neither epochs nor jobs leave tensors behind in a trainer. */
class TrainerMemoryIT {
    /** The article's epochs. */
    private static final int MANY = 20;

    private static final int JOBS = 8;
    private static final int SOME = 4;
    private static final String FROZEN = "\"trainable\": \"head\", \"batchNorm\": \"frozen\"";

    @TempDir
    Path folder;

    private Path train;
    private Path validation;

    @BeforeEach
    void writeImages() throws IOException {
        train = TinyImages.write(folder, "train", 22, 1);
        validation = TinyImages.write(folder, "validation", 10, 2);
    }

    @Test
    void epochsLeaveNoTensorsBehind() throws IOException {
        checkEpochs("\"trainable\": \"head\"", MANY);
        checkEpochs(FROZEN, SOME);
        checkEpochs("\"trainable\": \"layer4\"", SOME);
    }

    private void checkEpochs(String fields, int epochs) throws IOException {
        TrainingJob job = job("j" + fields.hashCode(), epochs, fields);
        List<Integer> counts = new ArrayList<>();
        InProcessTrainer.run(job, folder, new UnwatchedProgress() {
            @Override
            public void epochEnded(EpochResult result) {
                counts.add(LiveArrays.count());
            }
        });

        assertThat(counts).as(fields).hasSize(epochs).doesNotContain(0);
        // The first epoch may open what stays; after that nothing is added.
        assertThat(new HashSet<>(counts.subList(1, epochs)))
                .as(fields + " " + counts)
                .hasSize(1);
    }

    @Test
    void jobsLeaveNoTensorsBehind() throws IOException {
        Set<Integer> counts = new HashSet<>();
        for (int i = 0; i < JOBS; i++) {
            String fields = i % 2 == 0 ? "\"trainable\": \"head\"" : FROZEN + ", \"augmentation\": \"none\"";
            InProcessTrainer.run(job("job-" + i, 1, fields), folder, new UnwatchedProgress());
            counts.add(LiveArrays.count());
        }

        assertThat(counts).hasSize(1);
    }

    private TrainingJob job(String id, int epochs, String fields) {
        String json = """
                {"jobId": "%s", "model": "m", "network": "resnet50", "weights": "random:1", "classes": 2, "epochs": %d,
                 "imageSize": 32, "batchSize": 8, "dataset": {"train": "%s", "validation": "%s"}, %s}""".formatted(id, epochs, train.toUri(), validation.toUri(), fields);
        return Json.read(json.getBytes(UTF_8), TrainingJob.class);
    }
}
