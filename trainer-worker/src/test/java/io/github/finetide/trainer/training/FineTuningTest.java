package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.ConfidenceThreshold;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.JobOutcome.Ending;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class FineTuningTest extends InWorkshop {
    private static final String FROZEN_HEAD = "\"trainable\": \"head\", \"batchNorm\": \"frozen\"";

    @Test
    void theSameJobGivesTheSameMetricsAndDigestsWhateverTheNumberOfDecodeThreads() throws IOException {
        TrainingJob job = workshop.quickJob("job", "");
        Recorded first = new Recorded();
        workshop.run(job, first, 1, Workshop::bytes);
        workshop.store("second");
        Recorded second = new Recorded();
        workshop.run(job, second, 7, Workshop::bytes);
        assertThat(first.epochs).hasSize(3);
        second.assertSameEpochsAs(first);
    }

    @Test
    void aResumedJobEqualsAnUnbrokenOneWhereverItWasHandedOver() throws IOException {
        TrainingJob job = workshop.quickJob("job", "\"earlyStopping\": {\"metric\": \"loss\", \"patience\": 3}");
        Recorded unbroken = new Recorded();
        workshop.run(job, unbroken);
        int batches = unbroken.batches.size();
        assertThat(batches).isEqualTo(3 * (3 + 2));
        for (int stop = 1; stop < batches; stop += 2) {
            workshop.store("store" + stop);
            Recorded before = Recorded.after(stop, Directive.HAND_OVER);
            assertThat(workshop.run(job, before)).isInstanceOf(JobOutcome.HandedOver.class);
            assertThat(before.batches).hasSize(stop);
            Recorded after = new Recorded();
            workshop.run(job, after);
            before.epochs.addAll(after.epochs);
            before.assertSameEpochsAs(unbroken);
            assertThat(after.batches)
                    .as("training batches are not repeated")
                    .hasSizeLessThanOrEqualTo(batches - stop + 2);
        }
    }

    @Test
    void drawsAndClassWeightsResumeExactly() throws IOException {
        TrainingJob job = workshop.quickJob("job", """
                "sampling": "balanced", "classWeights": "balanced", "bestBy": "macroF1",
                "earlyStopping": {"metric": "balancedAccuracy", "patience": 3}""");
        Recorded unbroken = new Recorded();
        workshop.run(job, unbroken);
        workshop.store("second");
        Recorded before = Recorded.after(7, Directive.HAND_OVER);
        workshop.run(job, before);
        Recorded after = new Recorded();
        workshop.run(job, after);
        before.epochs.addAll(after.epochs);
        before.assertSameEpochsAs(unbroken);
        // 22 images: four of each class but the last two.
        assertThat(unbroken.epochs.get(2).classWeights())
                .containsExactly(22 / 24.0, 22 / 24.0, 22 / 24.0, 22 / 24.0, 22 / 18.0, 22 / 18.0);
        assertThat(workshop.checkpoints.find("job", 3).orElseThrow().manifest().classWeights())
                .isEqualTo(unbroken.epochs.get(2).classWeights());
    }

    @Test
    void theRarestClassIsRecognisedBetterWhenItIsDrawnOrWeighed() throws IOException {
        String set = unequalClasses() + ", \"classes\": 2, \"head\": \"new\", \"augmentation\": \"none\","
                + " \"imageSize\": 16, \"batchSize\": 51, \"epochs\": 12";
        double plain = recallOfRarest("plain", set);
        assertThat(plain).isLessThan(0.5);
        assertThat(recallOfRarest("drawn", set + ", \"sampling\": \"balanced\""))
                .isGreaterThan(plain + 0.4);
        assertThat(recallOfRarest("weighed", set + ", \"classWeights\": \"balanced\""))
                .isGreaterThan(plain + 0.4);
    }

    private double recallOfRarest(String id, String fields) throws IOException {
        Recorded progress = new Recorded();
        workshop.run(workshop.quickJob(id, fields), progress);
        return Objects.requireNonNull(progress.epochs.get(11).validation().perClass())
                .get(1)
                .recall();
    }

    /** 50 training images of one class and one of the other; the dataset's field. */
    private String unequalClasses() throws IOException {
        Path images = workshop.train.resolveSibling("unequal");
        List<String> train = new ArrayList<>();
        List<String> validation = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            train.addAll(i < 50 ? List.of(line(images, 6 * i, 0)) : List.of());
            train.addAll(i == 0 ? List.of(line(images, 1, 1)) : List.of());
            validation.addAll(i < 50 ? List.of() : List.of(line(images, 6 * i, 0), line(images, 6 * i + 1, 1)));
        }
        return "\"dataset\": {\"train\": \"%s\", \"validation\": \"%s\"}"
                .formatted(
                        Files.write(images.resolve("train.txt"), train).toUri(),
                        Files.write(images.resolve("validation.txt"), validation)
                                .toUri());
    }

    private static String line(Path images, int index, int label) throws IOException {
        Path file = Files.createDirectories(images).resolve(index + ".png");
        ImageIO.write(Made.image(index), "png", file.toFile());
        return file.getFileName() + " " + label;
    }

    @Test
    void viewsAreComputedOnceEachAndResumeExactly() throws IOException {
        TrainingJob job = workshop.quickJob("job", FROZEN_HEAD + ", \"epochs\": 4, \"augmentation\": {\"views\": 2}");
        Recorded unbroken = new Recorded();
        workshop.run(job, unbroken);
        assertThat(unbroken.batches)
                .filteredOn(b -> b.split() == BatchResult.Split.FEATURES)
                .hasSize(2 * 2 + 1); // of 16 images, whatever the batches of the job
        workshop.store("second");
        Recorded before = Recorded.after(20, Directive.HAND_OVER);
        workshop.run(job, before);
        Recorded after = new Recorded();
        workshop.run(job, after);
        before.epochs.addAll(after.epochs);
        before.assertSameEpochsAs(unbroken);
    }

    @Test
    void pauseSavesAndWaitsAndChangesNothing() throws IOException {
        TrainingJob job = workshop.quickJob("job", "");
        Recorded unbroken = new Recorded();
        workshop.run(job, unbroken);
        workshop.store("second");
        Recorded paused = Recorded.after(7, Directive.PAUSE);
        workshop.run(job, paused);
        assertThat(paused.resumes).isEqualTo(1);
        paused.assertSameEpochsAs(unbroken);
    }

    @Test
    void aCheckpointAskedForBeforeTheFirstBatchIsTakenAfterIt() throws IOException {
        Recorded[] progress = new Recorded[1];
        progress[0] = new Recorded(batches -> {
            if (progress[0].obeyed == 0) {
                return Directive.CHECKPOINT;
            }
            return batches >= 2 ? Directive.CANCEL : Directive.CONTINUE;
        });
        workshop.run(workshop.quickJob("job", ""), progress[0]);
        assertThat(progress[0].obeyed).isEqualTo(1);
        assertThat(folder.resolve("store/job/interim")).isDirectoryContaining("glob:**/epoch-0001-batch-000001");
    }

    @Test
    void anImageThatIsGoneInTheMiddleFailsTheJobAndNoBatchIsLost() throws IOException {
        TrainingJob job = workshop.quickJob("job", "");
        Recorded unbroken = new Recorded();
        workshop.run(job, unbroken);
        workshop.store("second");
        AtomicInteger reads = new AtomicInteger();
        Recorded before = new Recorded();
        assertThatThrownBy(() -> workshop.run(job, before, 1, uri -> {
                    // Two manifests and 32 checked images, 4 golden ones, an epoch of 32; then the second one's 12th.
                    if (reads.incrementAndGet() >= 82) {
                        throw new FaultException(ErrorKind.NOT_FOUND, "gone");
                    }
                    return Workshop.bytes(uri);
                }))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("tried 4 times");
        Recorded after = new Recorded();
        workshop.run(job, after);
        assertThat(before.batches.size() + after.batches.size()).isEqualTo(unbroken.batches.size());
        before.epochs.addAll(after.epochs);
        before.assertSameEpochsAs(unbroken);
    }

    @Test
    void aJobThatEndedBeforeItWasTidiedIsTidiedByTheNextOwner() throws IOException {
        TrainingJob job = workshop.quickJob("job", "\"checkpoint\": {\"keep\": 1}");
        workshop.run(job, new Recorded());
        Path store = folder.resolve("store/job");
        Files.createDirectories(store.resolve(".tmp-dead-0/new"));
        Files.createDirectories(store.resolve("interim/epoch-0003-batch-000002"));
        Files.writeString(store.resolve("interim/epoch-0003-batch-000002/checkpoint.json"), "{}");
        workshop.run(job, new Recorded());
        assertThat(store.resolve("interim")).isEmptyDirectory();
        assertThat(store.resolve(".tmp-dead-0")).doesNotExist();
    }

    @Test
    void aCancelledJobKeepsItsCheckpointsAndNamesTheBest() throws IOException {
        TrainingJob job = workshop.quickJob("job", "");
        Recorded progress = Recorded.after(8, Directive.CANCEL);
        JobOutcome.Cancelled outcome = (JobOutcome.Cancelled) workshop.run(job, progress);
        assertThat(outcome.last()).contains(progress.epochs.get(0).checkpoint());
        assertThat(outcome.best()).contains(progress.epochs.get(0).checkpoint());
    }

    @Test
    void theReleasedCheckpointSaysWhatItsProbabilitiesAreWorth() throws IOException {
        Recorded progress = new Recorded();
        JobOutcome.Finished outcome =
                (JobOutcome.Finished) workshop.run(workshop.quickJob("job", "\"release\": \"last\""), progress);
        Confidence confidence = Objects.requireNonNull(
                outcome.measured().orElseThrow().manifest().confidence());
        assertThat(confidence.nll().after())
                .isLessThanOrEqualTo(confidence.nll().before());
        // All images are answered from 0 on: with what validation counted itself.
        assertThat(confidence.thresholds().get(0))
                .isEqualTo(new ConfidenceThreshold(
                        0, 1, progress.epochs.get(2).validation().scores().accuracy()));
        AnswerProfile answers = Objects.requireNonNull(
                outcome.measured().orElseThrow().manifest().answers());
        assertThat(answers.classes()).hasSize(Made.CLASSES);
        assertThat(List.of(answers.classes(), answers.confidence()))
                .allSatisfy(counts -> assertThat(
                                counts.stream().mapToInt(Integer::intValue).sum())
                        .isEqualTo(Workshop.VALIDATION));
    }

    @Test
    void aFinishedJobRunAgainOnlyTellsItsEnd() throws IOException {
        TrainingJob job = workshop.quickJob("job", "\"checkpoint\": {\"keep\": 1}");
        Recorded first = new Recorded();
        JobOutcome outcome = workshop.run(job, first);
        Recorded again = new Recorded();
        assertThat(workshop.run(job, again)).isEqualTo(outcome);
        assertThat(again.batches).isEmpty();
        assertThat(again.start().resumed().orElseThrow().checkpoint())
                .isEqualTo(first.epochs.get(2).checkpoint());
        assertThat(workshop.checkpoints.list("job").size()).isLessThanOrEqualTo(2);
    }

    @Test
    void theReportLiesBesideTheCheckpointsAndIsWrittenAnewForAResumedJob() throws IOException {
        TrainingJob job = workshop.quickJob("job", "");
        Path report = folder.resolve("store/job/report.html");
        Recorded cancelled = Recorded.after(7, Directive.CANCEL);
        workshop.run(job, cancelled);
        assertThat(report).content().contains("1 of 3 epochs");
        Files.delete(report);
        workshop.run(job, Recorded.after(0, Directive.CANCEL));
        assertThat(report).content().contains("1 of 3 epochs");
        workshop.run(job, new Recorded());
        assertThat(report).content().contains("3 of 3 epochs");
    }

    @Test
    void aCheckpointServesAsStartingWeights() throws IOException {
        Recorded first = new Recorded();
        workshop.run(workshop.quickJob("first", ""), first);
        EpochResult last = first.epochs.get(2);
        Recorded second = new Recorded();
        String fields =
                "\"weights\": \"" + last.checkpoint().uri() + "\", \"epochs\": 1, \"optimizer\": {\"learningRate\": 0}";
        workshop.run(workshop.quickJob("second", fields), second);
        assertThat(second.epochs.get(0).validation()).isEqualTo(last.validation());
    }

    @Test
    void earlyStoppingEndsTheJob() throws IOException {
        TrainingJob job = workshop.quickJob(
                "job",
                "\"optimizer\": {\"learningRate\": 0}, \"epochs\": 9,"
                        + "\"earlyStopping\": {\"metric\": \"accuracy\", \"patience\": 2}");
        Recorded progress = new Recorded();
        JobOutcome.Finished outcome = (JobOutcome.Finished) workshop.run(job, progress);
        assertThat(progress.epochs).hasSize(3);
        assertThat(outcome.ending()).isEqualTo(Ending.EARLY_STOPPING);
        assertThat(outcome.best().orElseThrow().epoch()).isEqualTo(1);
    }

    @Test
    void aRateThatIsTooHighFailsTheJobAndIsSaid() throws IOException {
        assertThatThrownBy(() -> run("\"optimizer\": {\"name\": \"sgd\", \"learningRate\": 1e30}"))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FINITE))
                .hasMessageMatching("epoch 1, training batch 2: the loss is .*a lower learning rate or a warm-up.*");
    }

    @Test
    void weightsThatGiveNoLossAreNotBlamedOnTheRate() throws IOException {
        String weights = workshop.weightsWith(Architecture.CNN, "conv1.0.weight", 1e38f);
        assertThatThrownBy(() -> run("\"weights\": \"" + weights + "\""))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("epoch 1, training batch 1: the loss is NaN")
                .hasMessageContaining("starting weights")
                .hasMessageNotContaining("rate");
        assertThatThrownBy(() -> run(FROZEN_HEAD + ", \"weights\": \"" + weights + "\""))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("layers that do not train")
                .hasMessageNotContaining("rate");
    }

    @Test
    void aStepBeyondFp32IsNotSaved() throws IOException {
        String sgd = "\"augmentation\": \"none\", \"optimizer\": {\"name\": \"sgd\", \"learningRate\": 1e300}";
        TrainingJob job = workshop.quickJob("job", sgd);
        assertThatThrownBy(() -> workshop.run(job, Recorded.after(1, Directive.HAND_OVER)))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FINITE))
                .hasMessageMatching(
                        "epoch 1: after training, .* holds (NaN|-?Infinity), so no checkpoint was saved; .*");
        assertThat(workshop.checkpoints.list("job")).isEmpty();
    }

    @Test
    void aCheckpointThatHoldsNoNumberIsNoStart() throws IOException {
        Recorded first = new Recorded();
        workshop.run(workshop.quickJob("first", "\"epochs\": 1"), first);
        String damaged = workshop.checkpointWith(first.epochs.get(0), "conv3.0.bias", Float.NaN);
        assertThatThrownBy(() -> run("\"weights\": \"" + damaged + "\""))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
                .hasMessageContaining(damaged + ": conv3.0.bias F32[64] holds NaN");
    }

    private JobOutcome run(String fields) throws IOException {
        return workshop.run(workshop.quickJob("job", fields), new Recorded());
    }

    @Test
    void weightsAndSizesAreCheckedBeforeAnyImageIsRead() throws IOException {
        List<String> refused = List.of(
                "\"weights\": \"" + workshop.folder.resolve("missing.pth").toUri() + "\"",
                "\"classes\": 100000, \"imageSize\": 256, \"head\": \"new\"");
        for (String fields : refused) {
            AtomicInteger images = new AtomicInteger();
            TrainingJob job = workshop.quickJob("job", "\"dryRun\": true, " + fields);
            assertThatThrownBy(() -> workshop.run(job, new Recorded(), 1, uri -> {
                        images.addAndGet(uri.getPath().endsWith(".png") ? 1 : 0);
                        return Workshop.bytes(uri);
                    }))
                    .isInstanceOf(FaultException.class);
            assertThat(images).hasValue(0);
        }
    }

    @Test
    void aDryRunChecksAndTrainsNothing() throws IOException {
        Recorded progress = new Recorded();
        JobOutcome.Finished outcome =
                (JobOutcome.Finished) workshop.run(workshop.quickJob("job", "\"dryRun\": true"), progress);
        assertThat(outcome.ending()).isEqualTo(Ending.DRY_RUN);
        assertThat(progress.batches).isEmpty();
        assertThat(progress.start().estimate())
                .startsWith("22 training and 10 validation images, 6 classes of 3 to 4 training images, about ");
        assertThat(workshop.checkpoints.list("job")).isEmpty();
    }

    @Test
    void anImageThatCannotBeReadForAMomentDoesNoHarm() throws IOException {
        TrainingJob job = workshop.quickJob("job", "\"epochs\": 1");
        AtomicInteger reads = new AtomicInteger();
        Recorded progress = new Recorded();
        workshop.run(job, progress, 1, uri -> {
            // The check reads each image once, manifests come first; then one read in seven fails.
            if (reads.incrementAndGet() > 40 && reads.get() % 7 == 0) {
                throw new FaultException(ErrorKind.UNAVAILABLE, "server away");
            }
            return Workshop.bytes(uri);
        });
        assertThat(progress.epochs).hasSize(1);
    }

    @Test
    void arraysDoNotPileUpOverEpochs() throws IOException {
        TrainingJob job = workshop.quickJob("job", "\"epochs\": 4");
        Map<Integer, Integer> arraysAfter = new TreeMap<>();
        workshop.run(job, new Recorded(batches -> {
            arraysAfter.put(batches, arraysAlive());
            return Directive.CONTINUE;
        }));
        // Five batches an epoch; the first epoch makes what stays: moments, and markers of the page's methods.
        assertThat(arraysAfter.get(19)).isEqualTo(arraysAfter.get(9)).isPositive();
    }

    @Test
    void badImagesFailTheJobByNameAndDuplicatesOnlyWarn() throws IOException {
        Path images = workshop.train.resolveSibling(".");
        Files.copy(images.resolve("image 1.png"), images.resolve("again.png"));
        Files.writeString(images.resolve("broken.png"), "no image");
        String manifest = Files.readString(workshop.train);
        Files.writeString(workshop.train, manifest + "again.png 1\nimage 25.png 1\n");
        Recorded warned = new Recorded();
        workshop.run(workshop.quickJob("warned", "\"dryRun\": true"), warned);
        assertThat(warned.start().warnings()).hasSize(2);
        assertThat(warned.start().warnings().get(0)).contains("1 duplicate images", "line 23", "line 2");
        assertThat(warned.start().warnings().get(1)).contains("validation.txt line 4", "train.txt line 24");

        Files.writeString(workshop.train, manifest + "broken.png 0\nmissing.png 0\n");
        assertThatThrownBy(() -> workshop.run(workshop.quickJob("failed", ""), new Recorded()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("2 images cannot be used")
                .hasMessageContaining("train.txt line 23")
                .hasMessageContaining("missing.png");
    }

    @Test
    void errorsOfBothManifestsAreToldTogetherAndCounted() throws IOException {
        Files.writeString(workshop.train, "image 1.png 99\n".repeat(60));
        Files.writeString(workshop.validation, "image 25.png\nno label\n");
        assertThatThrownBy(() -> workshop.run(workshop.quickJob("failed", ""), new Recorded()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("60 errors")
                .hasMessageContaining("train.txt line 50: label \"99\"")
                .hasMessageContaining("and 10 more")
                .hasMessageContaining("validation.txt line 2");
    }

    private static int arraysAlive() {
        try (NDManager manager = NDManager.newBaseManager()) {
            return manager.getParentManager().getManagedArrays().size();
        }
    }
}
