package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.Optimizer;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.SweepValues;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationMetric;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.VariantResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SweepTest extends InWorkshop {
    private static final String FIXED =
            "\"trainable\": \"head\", \"batchNorm\": \"frozen\", \"epochs\": 3, \"augmentation\": \"none\"";
    private static final String SWEEP = ", \"sweep\": {\"learningRate\": [0.0001, 0.03],"
            + " \"labelSmoothing\": [0, 0.2], \"optimizer\": [\"adam\", \"sgd\"]}";
    private static final int VARIANTS = 8;
    private static final int ALL = Workshop.TRAIN + Workshop.VALIDATION;

    @Test
    void everyVariantIsTheJobItWouldBeAloneAndTheBestIsKept() throws IOException {
        TrainingJob job = job(FIXED + SWEEP);
        Watched sweep = run(job);
        assertThat(sweep.variants).hasSize(VARIANTS);
        assertThat(sweep.status).isEqualTo(new SweepStatus(VARIANTS, VARIANTS, best(sweep), values(sweep)));
        assertThat(sweep.features.computed()).isEqualTo(ALL);
        CheckpointManifest kept = manifest();

        workshop.close();
        workshop.store("alone");
        for (int variant = 0; variant < VARIANTS; variant++) {
            Watched alone = run(job.variants().get(variant));
            assertThat(scores(sweep.variants.get(variant).epochs()))
                    .as("variant %d", variant)
                    .isEqualTo(scores(alone.epochs));
            if (variant == best(sweep)) {
                CheckpointManifest lone = manifest();
                assertThat(kept.sweep()).hasSize(VARIANTS);
                assertThat(kept.withSweep(List.of())).isEqualTo(lone);
                assertThat(scores(sweep.epochs)).isEqualTo(scores(alone.epochs));
            }
            workshop.close();
            workshop.store("alone" + variant);
        }
    }

    @Test
    void sweepIsResumedExactlyWhereverItWasHandedOver() throws IOException {
        TrainingJob job = job(FIXED + SWEEP);
        Watched unbroken = run(job);
        Map<String, String> files = files("store");
        for (int stop : new int[] {2, 111, 130}) {
            workshop.close();
            workshop.store("stopped" + stop);
            List<VariantResult> variants = new ArrayList<>();
            Watched first = new Watched(stop, Directive.HAND_OVER);
            assertThat(workshop.run(job, first)).isInstanceOf(JobOutcome.HandedOver.class);
            variants.addAll(first.variants);
            Watched second = new Watched();
            workshop.run(job, second);
            variants.addAll(second.variants);
            assertThat(variants).as("stopped after %d batches", stop).hasSize(VARIANTS);
            for (int variant = 0; variant < VARIANTS; variant++) {
                assertThat(scores(variants.get(variant).epochs()))
                        .isEqualTo(scores(unbroken.variants.get(variant).epochs()));
            }
            assertThat(files("stopped" + stop)).containsAllEntriesOf(files);
        }
    }

    @Test
    void damagedTableIsMadeAgain() throws IOException {
        TrainingJob job = job(FIXED + SWEEP);
        workshop.run(job, new Watched(100, Directive.HAND_OVER));
        Path table = folder.resolve("store/job/sweep.json");
        Files.writeString(table, Files.readString(table).replace("\"epochs\":3", "\"epochs\":2"));

        assertThat(run(job).variants).hasSize(VARIANTS);
    }

    @Test
    void finishedSweepRunAgainTrainsNothing() throws IOException {
        TrainingJob job = job(FIXED + SWEEP);
        Watched first = run(job);
        Files.delete(folder.resolve("store/job/sweep.json"));

        Watched again = run(job);

        assertThat(again.variants).isEmpty();
        assertThat(again.batches).isEmpty();
        assertThat(first.epochs).hasSize(3);
    }

    @Test
    void cancelledSweepEndsAndPausedOneGoesOn() throws IOException {
        TrainingJob job = job(FIXED + SWEEP);
        assertThat(workshop.run(job, new Watched(60, Directive.CANCEL))).isInstanceOf(JobOutcome.Cancelled.class);
        workshop.close();
        workshop.store("paused");
        Watched paused = new Watched(60, Directive.PAUSE);
        workshop.run(job, paused);
        assertThat(paused.resumes).isEqualTo(1);
        assertThat(paused.variants).hasSize(VARIANTS);
    }

    @Test
    void earlyStoppingIsEachVariantsOwn() throws IOException {
        Watched sweep = run(job(FIXED
                + ", \"epochs\": 6, \"earlyStopping\": {\"metric\": \"loss\", \"patience\": 1},"
                + " \"sweep\": {\"learningRate\": [0, 0.0001]}"));

        assertThat(sweep.variants.get(0).epochs()).hasSize(2);
        assertThat(sweep.variants.get(1).epochs()).hasSizeGreaterThan(2);
        assertThat(sweep.variants.get(0).variant().epochs()).isEqualTo(2);
    }

    @Test
    void sweepWithoutFixedFeaturesIsRefused() {
        assertThatThrownBy(() -> job("\"trainable\": \"head\", \"batchNorm\": \"frozen\"" + SWEEP))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("sweep", "augmentation none or with views");
    }

    @Test
    void winnerIsTheBestByWhatTheJobNames() throws IOException {
        for (ValidationMetric metric : List.of(ValidationMetric.LOSS, ValidationMetric.MACRO_F1)) {
            Watched sweep = run(workshop.quickJob(
                    metric.wire(),
                    FIXED
                            + ", \"sweep\": {\"learningRate\": [0.0001, 0.001, 0.03]}, \"bestBy\": \"%s\""
                                    .formatted(metric.wire())));
            double[] scores = sweep.variants.stream()
                    .mapToDouble(
                            result -> metric.of(bestEpoch(result).validation().scores()))
                    .toArray();
            int winner = Objects.requireNonNull(sweep.status.best());
            assertThat(sweep.variants)
                    .as(metric.wire())
                    .allSatisfy(result -> assertThat(result.variant().score())
                            .isEqualTo(scores[result.variant().variant()]));
            assertThat(winner).as(metric.wire()).isEqualTo(firstBest(scores, metric));
        }
    }

    private static EpochResult bestEpoch(VariantResult result) {
        return result.epochs().get(result.variant().best().epoch() - 1);
    }

    private static int firstBest(double[] scores, ValidationMetric metric) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = metric.gain(scores[i], scores[best]) > 0 ? i : best;
        }
        return best;
    }

    @Test
    void optimizersOfASweepHaveTheirOwnDefaults() throws IOException {
        TrainingJob job = job(FIXED + ", \"sweep\": {\"optimizer\": [\"adam\", \"adamw\", \"sgd\"]}");
        for (TrainingJob variant : job.variants()) {
            String name = variant.optimizer().name().wire();
            assertThat(variant).isEqualTo(job(FIXED + ", \"optimizer\": {\"name\": \"" + name + "\"}"));
        }
        List<List<String>> scores = run(job).variants.stream()
                .map(result -> scores(result.epochs()))
                .toList();
        assertThat(scores).doesNotHaveDuplicates();
    }

    @Test
    void weightDecayOfTheJobHoldsForAllOptimizers() throws IOException {
        TrainingJob job = job(FIXED + ", \"optimizer\": {\"weightDecay\": 0.1, \"momentum\": 0.9},"
                + " \"sweep\": {\"optimizer\": [\"adamw\", \"sgd\"]}");
        assertThat(job.variants())
                .extracting(TrainingJob::optimizer)
                .extracting(Optimizer::weightDecay, Optimizer::momentum)
                .containsOnly(tuple(0.1, 0.9));
    }

    private static int best(Watched sweep) {
        SweepVariant best = sweep.variants.get(0).variant();
        for (VariantResult result : sweep.variants) {
            best = result.variant().best().accuracy() > best.best().accuracy() ? result.variant() : best;
        }
        return best.variant();
    }

    private static SweepValues values(Watched sweep) {
        return sweep.variants.get(best(sweep)).variant().values();
    }

    private TrainingJob job(String fields) throws IOException {
        return workshop.quickJob("job", fields);
    }

    private Watched run(TrainingJob job) {
        Watched progress = new Watched();
        workshop.run(job, progress);
        return progress;
    }

    private CheckpointManifest manifest() {
        return workshop.checkpoints.newest("job").checkpoint().orElseThrow().manifest();
    }

    /** Checkpoints and table, without the features: how many rows a shard has follows from where a job was stopped. */
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
                .map(epoch -> epoch.train() + " " + epoch.validation().scores() + " " + epoch.learningRate() + " "
                        + epoch.best())
                .toList();
    }

    private static final class Watched extends Recorded {
        final List<VariantResult> variants = new ArrayList<>();
        SweepStatus status = new SweepStatus(1, 0, null, null);
        FeatureCounts features = FeatureCounts.NONE;

        Watched() {}

        Watched(int batches, Directive directive) {
            super(once(batches, directive));
        }

        private static IntFunction<Directive> once(int batches, Directive directive) {
            boolean[] given = new boolean[1];
            return done -> {
                boolean now = done >= batches && !given[0];
                given[0] |= now && directive == Directive.PAUSE;
                return now ? directive : Directive.CONTINUE;
            };
        }

        @Override
        public void featuresChanged(FeatureCounts counts) {
            features = counts;
        }

        @Override
        public void variantsEnded(List<VariantResult> results, SweepStatus sweep) {
            variants.addAll(results);
            status = sweep;
        }
    }
}
