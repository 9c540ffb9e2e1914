package io.github.finetide.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.TrainingJob;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What needs a network with batch norm, and takes longer. */
class FineTuningIT {
    private static final String FROZEN_HEAD = "\"trainable\": \"head\", \"batchNorm\": \"frozen\"";

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
    void aJobWithBatchNormAndMomentumResumesExactlyInTheMiddleOfAnEpoch() throws IOException {
        TrainingJob job = workshop.job(
                "job",
                Architecture.RESNET50,
                32,
                "\"trainable\": \"head\", \"epochs\": 2, \"optimizer\": {\"name\": \"sgd\", \"momentum\": 0.9}");
        Recorded unbroken = new Recorded();
        workshop.run(job, unbroken);
        workshop.store("second");
        Recorded before = Recorded.after(2, Directive.HAND_OVER);
        workshop.run(job, before);
        Recorded after = new Recorded();
        workshop.run(job, after);
        after.assertSameEpochsAs(unbroken);
    }

    @Test
    void cachedFeaturesGiveTheSameMetricsAsComputingThemAnew() throws IOException {
        TrainingJob cached =
                workshop.job("cached", Architecture.RESNET50, 32, FROZEN_HEAD + ", \"augmentation\": \"none\"");
        Recorded withCache = new Recorded();
        workshop.run(cached, withCache);
        // Epochs of one view each, computed anew every epoch: the crop is the whole image and nothing is random.
        TrainingJob anew = workshop.job("anew", Architecture.RESNET50, 32, FROZEN_HEAD + """
                , "augmentation": {"resize": 32, "crop": 32, "rotation": 0, "horizontalFlip": 0, "verticalFlip": 0,
                "brightness": 0, "contrast": 0, "saturation": 0, "hue": 0, "grayscale": 0}""");
        Recorded without = new Recorded();
        workshop.run(anew, without);
        assertThat(withCache.batches)
                .filteredOn(b -> b.split() == BatchResult.Split.FEATURES)
                .hasSize(3 + 2);
        assertThat(without.batches)
                .filteredOn(b -> b.split() == BatchResult.Split.FEATURES)
                .hasSize(2);
        for (int i = 0; i < 3; i++) {
            EpochResult a = withCache.epochs.get(i);
            EpochResult b = without.epochs.get(i);
            assertThat(a.train().accuracy()).isEqualTo(b.train().accuracy());
            assertThat(a.validation().scores().accuracy())
                    .isEqualTo(b.validation().scores().accuracy());
            assertThat(a.train().loss()).isCloseTo(b.train().loss(), withinPercentage(1e-3));
        }
    }
}
