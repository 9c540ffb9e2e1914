package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.progress.EpochResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Neither epochs nor jobs leave tensors behind in a trainer. */
class TrainerMemoryIT {
    /** The article's epochs. */
    private static final int MANY = 20;

    private static final int SOME = 4;
    private static final String FROZEN = "\"trainable\": \"head\", \"batchNorm\": \"frozen\"";

    @TempDir
    Path folder;

    private Workshop workshop;

    @BeforeEach
    void open() throws IOException {
        workshop = new Workshop(folder);
    }

    @AfterEach
    void close() {
        workshop.close();
    }

    @Test
    void epochsLeaveNoTensorsBehind() throws IOException {
        checkEpochs("\"trainable\": \"head\"", MANY);
        checkEpochs(FROZEN, SOME);
        checkEpochs("\"trainable\": \"layer4\"", SOME);
    }

    private void checkEpochs(String fields, int epochs) throws IOException {
        TrainingJob job =
                workshop.job("j" + fields.hashCode(), Architecture.RESNET50, 32, fields + ", \"epochs\": " + epochs);
        List<Integer> counts = new ArrayList<>();
        workshop.run(job, new Recorded() {
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
        for (int i = 0; i < MANY; i++) {
            String fields = i % 2 == 0 ? "\"trainable\": \"head\"" : FROZEN + ", \"augmentation\": \"none\"";
            workshop.run(
                    workshop.job("job-" + i, Architecture.RESNET50, 32, fields + ", \"epochs\": 1"), new Recorded());
            counts.add(LiveArrays.count());
        }

        assertThat(counts).hasSize(1);
    }
}
