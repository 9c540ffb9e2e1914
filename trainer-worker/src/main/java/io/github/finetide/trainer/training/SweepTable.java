package io.github.finetide.trainer.training;

import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The variants of a job, and the results of those that are done, which are the first ones.
 *
 * @param folds by which variants are compared, and the job is judged; 0 where there are none
 * @param variants all of them, as jobs of their own; a job without a sweep has one
 */
record SweepTable(int folds, List<TrainingJob> variants, List<SweepVariant> done) {
    SweepTable {
        variants = List.copyOf(variants);
        done = List.copyOf(done);
    }

    /** Returns the table of a job that has no sweep, or none to try. */
    static SweepTable none() {
        return none(0);
    }

    /** The same of a job that has folds. */
    static SweepTable none(int folds) {
        return new SweepTable(folds, List.of(), List.of());
    }

    /** How often the job's epochs come beside those of the model that it ends with. */
    int trials() {
        return variants.size() * Math.max(1, folds) + folds;
    }

    int trialsDone() {
        return done.size() * Math.max(1, folds);
    }

    boolean isComplete() {
        return done.size() == variants.size();
    }

    SweepTable with(SweepVariant next) {
        List<SweepVariant> longer = new ArrayList<>(done);
        longer.add(next);
        return new SweepTable(folds, variants, longer);
    }

    /** Returns the best variant so far by the job's bestBy, the first of equals. */
    Optional<SweepVariant> best() {
        return done.stream()
                .reduce((a, b) -> b.isBetterThan(a, variants.get(b.variant()).bestMetric()) ? b : a);
    }

    /** Returns the job that trains the best variant alone; all are done. */
    TrainingJob chosen() {
        return variants.get(best().orElseThrow().variant());
    }

    SweepStatus status() {
        return new SweepStatus(
                variants.size(),
                done.size(),
                best().map(SweepVariant::variant).orElse(null),
                best().map(SweepVariant::values).orElse(null));
    }
}
