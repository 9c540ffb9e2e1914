package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.confidence.ValidationLogits;
import io.github.finetide.dataset.ContentFolds;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.Sha256;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.FoldResult;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.VariantResult;
import io.github.finetide.trainer.review.OutOfFold;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each fold is the job that it would be alone, and the model that comes last is that of the job without folds. */
class FoldsTest {
    private static final int FOLDS = 3;
    private static final String FIXED = "\"trainable\": \"head\", \"batchNorm\": \"frozen\", \"epochs\": 2,"
            + " \"classWeights\": \"balanced\", \"augmentation\": ";

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
    void foldsAreLoneJobsOfTheirImages() throws IOException {
        for (String augmentation : List.of("\"none\"", "{\"views\": 2}")) {
            TrainingJob job = job(FIXED + augmentation + ", \"folds\": " + FOLDS);
            Watched judged = run(job, "folds" + augmentation.length());
            assertThat(judged.folds).hasSize(FOLDS);
            List<String> lines = Files.readAllLines(workshop.train);
            int[] members = members(lines, job.seed());
            for (int fold = 1; fold <= FOLDS; fold++) {
                String dataset = ", \"dataset\": {\"train\": \"%s\", \"validation\": \"%s\"}"
                        .formatted(manifest(lines, members, fold, false), manifest(lines, members, fold, true));
                Watched alone = run(job(FIXED + augmentation + dataset), "alone" + fold + augmentation.length());
                assertThat(scores(judged.folds.get(fold - 1).epochs()))
                        .as("fold %d, %s", fold, augmentation)
                        .isEqualTo(scores(alone.epochs));
            }
        }
    }

    @Test
    void modelIsThatOfTheJobWithoutFoldsAndWhatTheyGaveIsKept() throws IOException {
        Watched judged = run(job(FIXED + "\"none\", \"folds\": " + FOLDS), "folds");
        CheckpointManifest kept = manifest();
        OutOfFold logits = OutOfFold.read(workshop.checkpoints.outOfFold("job").orElseThrow())
                .orElseThrow();
        Watched alone = run(job(FIXED + "\"none\""), "alone");

        assertThat(scores(judged.epochs)).isEqualTo(scores(alone.epochs));
        assertThat(kept.withCrossValidation(null).withConfidence(null, null))
                .isEqualTo(manifest().withConfidence(null, null));
        List<ValidationScores> scores =
                judged.folds.stream().map(FoldResult::scores).toList();
        assertThat(kept.crossValidation()).isEqualTo(CrossValidation.of(scores)).isEqualTo(judged.soFar);
        assertThat(accuracy(logits)).isCloseTo(weightedAccuracy(scores), within(1e-9));
        float[] probabilities =
                logits.probabilities(IntStream.range(0, Workshop.TRAIN).toArray());
        double sum = 0;
        for (float probability : probabilities) {
            sum += probability;
        }
        assertThat(sum).isCloseTo(Workshop.TRAIN, within(1e-4));
        int classes = logits.classes();
        assertThat(logits.probabilities(new int[] {5, 2}))
                .startsWith(Arrays.copyOfRange(probabilities, 5 * classes, 6 * classes))
                .endsWith(Arrays.copyOfRange(probabilities, 2 * classes, 3 * classes));
    }

    /** Right images by their logits. */
    private double accuracy(OutOfFold logits) throws IOException {
        int[] labels = labels(Files.readAllLines(workshop.train)).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        ValidationLogits known = logits.of(labels);
        return (double) IntStream.range(0, labels.length)
                        .filter(image -> known.predicted(image) == labels[image])
                        .count()
                / labels.length;
    }

    /** The same by the folds' scores. */
    private double weightedAccuracy(List<ValidationScores> scores) throws IOException {
        int[] members = members(Files.readAllLines(workshop.train), 0);
        double right = 0;
        for (int fold = 1; fold <= FOLDS; fold++) {
            int wanted = fold;
            right += scores.get(fold - 1).accuracy()
                    * IntStream.of(members).filter(member -> member == wanted).count();
        }
        return right / members.length;
    }

    @Test
    void variantsOfASweepAreComparedByTheirFolds() throws IOException {
        Watched sweep = run(
                job(FIXED + "\"none\", \"bestBy\": \"loss\", \"folds\": 2,"
                        + " \"sweep\": {\"learningRate\": [0.03, 0.0001, 0.001]}"),
                "sweep");

        assertThat(sweep.variants).hasSize(3).allSatisfy(result -> {
            SweepVariant variant = result.variant();
            List<ValidationScores> scores =
                    result.folds().stream().map(FoldResult::scores).toList();
            assertThat(variant.crossValidation()).isEqualTo(CrossValidation.of(scores));
            assertThat(variant.score())
                    .isCloseTo(CrossValidation.of(scores).loss().mean(), within(1e-12));
        });
        int best = IntStream.range(0, 3)
                .boxed()
                .min((a, b) -> Double.compare(loss(sweep, a), loss(sweep, b)))
                .orElseThrow();
        assertThat(sweep.status.best()).isEqualTo(best);
        assertThat(sweep.soFar).isEqualTo(sweep.variants.get(best).variant().crossValidation());
        assertThat(manifest().sweep()).hasSize(3);
    }

    private static double loss(Watched sweep, int variant) {
        return sweep.variants.get(variant).variant().best().loss();
    }

    @Test
    void jobThatIsHandedOverAnywhereEndsTheSame() throws IOException {
        TrainingJob job = job(FIXED + "\"none\", \"folds\": " + FOLDS);
        run(job, "unbroken");
        Map<String, String> files = files("unbroken");
        for (int stop : new int[] {3, 12, 26}) {
            workshop.close();
            workshop.store("stopped" + stop);
            assertThat(workshop.run(job, new Watched(stop))).isInstanceOf(JobOutcome.HandedOver.class);
            workshop.run(job, new Watched());
            assertThat(files("stopped" + stop)).as("after %d batches", stop).containsAllEntriesOf(files);
        }
    }

    private TrainingJob job(String fields) throws IOException {
        return workshop.quickJob("job", fields);
    }

    private Watched run(TrainingJob job, String store) {
        workshop.close();
        workshop.store(store);
        Watched progress = new Watched();
        workshop.run(job, progress);
        return progress;
    }

    private CheckpointManifest manifest() {
        return workshop.checkpoints.newest("job").checkpoint().orElseThrow().manifest();
    }

    private int[] members(List<String> lines, long seed) throws IOException {
        List<String> contents = new ArrayList<>();
        for (String line : lines) {
            contents.add(Sha256.hex(workshop.train.resolveSibling(line.substring(0, line.lastIndexOf(' ')))));
        }
        return ContentFolds.of(contents, labels(lines), FOLDS, seed);
    }

    private static List<Integer> labels(List<String> lines) {
        return lines.stream()
                .map(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
    }

    private String manifest(List<String> lines, int[] members, int fold, boolean validates) throws IOException {
        List<String> some = IntStream.range(0, members.length)
                .filter(image -> (members[image] == fold) == validates)
                .mapToObj(lines::get)
                .toList();
        return Files.write(workshop.train.resolveSibling("fold-" + fold + validates + ".txt"), some)
                .toUri()
                .toString();
    }

    private Map<String, String> files(String store) throws IOException {
        Map<String, String> files = new TreeMap<>();
        Path job = folder.resolve(store).resolve("job");
        try (Stream<Path> all = Files.walk(job)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(job.relativize(file).toString(), HexFormat.of().formatHex(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    private static List<String> scores(List<EpochResult> epochs) {
        return epochs.stream()
                .map(epoch -> epoch.train() + " " + epoch.validation().scores() + " " + epoch.best())
                .toList();
    }

    private static final class Watched extends Recorded {
        final List<FoldResult> folds = new ArrayList<>();
        final List<VariantResult> variants = new ArrayList<>();
        CrossValidation soFar = CrossValidation.of(List.of(new ValidationScores(0, 0, 0)));
        SweepStatus status = new SweepStatus(1, 0, null, null);

        Watched() {}

        Watched(int batches) {
            super(done -> done >= batches ? Directive.HAND_OVER : Directive.CONTINUE);
        }

        @Override
        public void foldEnded(FoldResult result, CrossValidation now) {
            folds.add(result);
            soFar = now;
        }

        @Override
        public void variantsEnded(List<VariantResult> results, SweepStatus sweep) {
            variants.addAll(results);
            status = sweep;
        }
    }
}
