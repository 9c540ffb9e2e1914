package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.FastPages;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobOutcome;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What needs a network with batch norm, and takes longer. */
class FineTuningIT extends InWorkshop {
    private static final String FROZEN_HEAD = "\"trainable\": \"head\", \"batchNorm\": \"frozen\"";

    private static final long SEED = System.nanoTime();

    /** What has a state of its own: each optimiser, schedule, kind of layers and of numbers, tables of features. */
    static List<Arguments> kinds() {
        return List.of(
                Arguments.of(Architecture.CNN, """
                        "epochs": 5, "optimizer": {"name": "adamw", "weightDecay": 0.01}, "labelSmoothing": 0.1,
                        "schedule": {"name": "cosine", "warmupEpochs": 2}, "checkpoint": {"keep": 1},
                        "earlyStopping": {"metric": "accuracy", "patience": 2, "minDelta": 0.5}"""),
                Arguments.of(
                        Architecture.RESNET50,
                        "\"trainable\": \"layer4\", \"batchNorm\": \"frozen\", \"batchSize\": 16, \"epochs\": 2, \"release\": \"none\""),
                Arguments.of(Architecture.RESNET50, """
                        "trainable": "all", "optimizer": {"name": "sgd", "momentum": 0.9, "nesterov": true},
                        "schedule": {"name": "step", "stepSize": 1, "gamma": 0.5}, "batchSize": 16, "release": "none", "epochs": 2"""),
                Arguments.of(
                        Architecture.RESNET50,
                        FROZEN_HEAD + ", \"precision\": \"bf16\", \"epochs\": 4, \"augmentation\": {\"views\": 2}"),
                Arguments.of(Architecture.RESNET50, FROZEN_HEAD + ", \"precision\": \"int8\", \"release\": \"last\""));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyKindOfJobThatIsInterruptedAgainAndAgainEqualsAnUnbrokenOne(Architecture network, String fields)
            throws IOException {
        System.out.println("seed " + SEED);
        Random random = new Random(SEED);
        TrainingJob job = workshop.job("job", network, 32, fields);
        Recorded unbroken = new Recorded();
        JobOutcome end = workshop.run(job, unbroken);
        workshop.store("second");
        int tables = BatchSource.views(job) == 0 ? 0 : 8; // batches of features, computed anew by each owner
        Recorded all = new Recorded();
        JobOutcome outcome;
        int parts = 0;
        do {
            // The first owner is asked after each image it checks; each one calibrates and measures from the beginning.
            int times = (parts == 0 ? Workshop.TRAIN + Workshop.VALIDATION : 0)
                    + tables
                    + 2
                    + random.nextInt(4)
                    + parts / 3;
            Recorded part = Recorded.whenAsked(times, Directive.HAND_OVER);
            parts++;
            outcome = workshop.run(job, part);
            all.epochs.addAll(part.epochs);
        } while (outcome instanceof JobOutcome.HandedOver);
        all.assertSameEpochsAs(unbroken);
        assertThat(saved(outcome)).isEqualTo(saved(end));
    }

    /** How a job ended, and the digests of what it may release, with what was measured. */
    private static List<Object> saved(JobOutcome outcome) {
        JobOutcome.Finished finished = (JobOutcome.Finished) outcome;
        return List.of(
                finished.ending(),
                finished.best().orElseThrow().digest(),
                finished.last().orElseThrow().digest(),
                finished.measured().map(found -> found.saved().digest()));
    }

    /** Weights that are finite and give NaN on the way, which a fused ReLU would make 0: PyTorch's loss is NaN. */
    @ParameterizedTest
    @CsvSource({
        "head, frozen, layer2.0.conv2.weight",
        "head, update, layer2.0.conv2.weight",
        "layer4, frozen, layer2.0.conv2.weight",
        "head, frozen, layer4.2.bn3.weight"
    })
    void numbersBeyondFp32FailTheJobWhateverTrains(String trainable, String batchNorm, String tensor)
            throws IOException {
        TrainingJob job = workshop.job("job", Architecture.RESNET50, 32, """
                "trainable": "%s", "batchNorm": "%s", "augmentation": "none", "weights": "%s\"""".formatted(
                        trainable, batchNorm, workshop.weightsWith(Architecture.RESNET50, tensor, 3e38f)));
        assertThatThrownBy(() -> workshop.run(job, new Recorded()))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FINITE))
                .hasMessageContaining("weights")
                .hasMessageNotContaining("rate");
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
                .as("22 and 10 images in batches of 16, whatever the job's own")
                .hasSize(2 + 1);
        assertThat(without.batches)
                .as("the first job has put those of the validation images into the store")
                .noneMatch(b -> b.split() == BatchResult.Split.FEATURES);
        for (int i = 0; i < 3; i++) {
            EpochResult a = withCache.epochs.get(i);
            EpochResult b = without.epochs.get(i);
            assertThat(a.train().accuracy()).isEqualTo(b.train().accuracy());
            assertThat(a.validation().scores().accuracy())
                    .isEqualTo(b.validation().scores().accuracy());
            assertThat(a.train().loss()).isCloseTo(b.train().loss(), withinPercentage(1e-3));
        }
    }

    @Test
    void aReleasedCheckpointTellsWhatItCanDoInOtherPrecisions() throws IOException {
        TrainingJob job = workshop.job("job", Architecture.RESNET50, 64, FROZEN_HEAD + ", \"epochs\": 2");
        Recorded progress = new Recorded();
        JobOutcome.Finished outcome = (JobOutcome.Finished) workshop.run(job, progress);
        Set<Precision> fast = FastPages.fasterThanFp32(Device.cpu());
        if (fast.isEmpty()) {
            assertThat(outcome.measured()).isEmpty();
            return;
        }
        Found measured = outcome.measured().orElseThrow();
        assertThat(measured.saved().digest())
                .isEqualTo(outcome.best().orElseThrow().digest());
        Map<String, PrecisionScores> precisions = measured.manifest().precisions();
        assertThat(precisions).hasSize(1 + fast.size());
        assertThat(Objects.requireNonNull(precisions).get("fp32"))
                .isEqualTo(new PrecisionScores(
                        measured.manifest().last().orElseThrow().validation().accuracy(), 1));
        assertThat(precisions.values()).allMatch(scores -> scores.agreement() >= 0.8);
        assertThat(measured.manifest().file(CheckpointManifest.CALIBRATION).isPresent())
                .isEqualTo(fast.contains(Precision.INT8));

        assertThat(workshop.run(job, new Recorded())).as("run again").isEqualTo(outcome);
    }

    @Test
    void aMeasurementThatFailsIsAWarningAndTheModelIsReleased() throws IOException {
        assumeThat(FastPages.fasterThanFp32(Device.cpu())).isNotEmpty();
        TrainingJob job = workshop.job(
                "job", Architecture.RESNET50, 32, FROZEN_HEAD + ", \"epochs\": 1, \"augmentation\": \"none\"");
        Recorded progress = new Recorded();
        JobOutcome.Finished outcome = (JobOutcome.Finished) workshop.run(job, progress, 2, uri -> {
            if (!progress.epochs.isEmpty()) {
                throw new FaultException(ErrorKind.NOT_FOUND, "gone");
            }
            return Workshop.bytes(uri);
        });
        assertThat(outcome.best()).isPresent();
        assertThat(outcome.measured().map(found -> found.manifest().precisions()))
                .isEmpty();
        assertThat(progress.warnings)
                .singleElement()
                .asString()
                .startsWith("released without measuring other precisions: ")
                .contains("gone");
    }

    @Test
    void aJobInInt8ResumesExactlyWithTheRangesItBeganWith() throws IOException {
        TrainingJob job = workshop.job(
                "job",
                Architecture.RESNET50,
                64,
                FROZEN_HEAD + ", \"precision\": \"int8\", \"augmentation\": \"none\"");
        Recorded unbroken = new Recorded();
        JobOutcome outcome = workshop.run(job, unbroken);
        workshop.store("second");
        workshop.run(job, Recorded.after(12, Directive.HAND_OVER));
        Recorded after = new Recorded();
        JobOutcome.Finished resumed = (JobOutcome.Finished) workshop.run(job, after);
        assertThat(after.epochs).hasSize(2);
        assertThat(after.epochs.get(after.epochs.size() - 1).checkpoint().digest())
                .isEqualTo(unbroken.epochs.get(2).checkpoint().digest());
        assertThat(resumed.measured().map(found -> found.saved().digest()))
                .isEqualTo(((JobOutcome.Finished) outcome)
                        .measured()
                        .map(found -> found.saved().digest()));
    }
}
