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
 * @param variants all of them, as jobs of their own; a job without a sweep has one
 */
record SweepTable(List<TrainingJob> variants, List<SweepVariant> done) {
    SweepTable {
        variants = List.copyOf(variants);
        done = List.copyOf(done);
    }

    /** Returns the table of a job that has no sweep, or none to try. */
    static SweepTable none() {
        return new SweepTable(List.of(), List.of());
    }

    boolean isComplete() {
        return done.size() == variants.size();
    }

    SweepTable with(SweepVariant next) {
        List<SweepVariant> longer = new ArrayList<>(done);
        longer.add(next);
        return new SweepTable(variants, longer);
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
