package io.github.finetide.trainer;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Remembers what the loop told, and gives the directives of a script. */
final class Recorded implements Progress {
    final List<EpochResult> epochs = new ArrayList<>();
    final List<BatchResult> batches = new ArrayList<>();
    int resumes;
    int directives;
    int confirmations;

    private @Nullable JobStart start;

    private final IntFunction<Directive> script;

    Recorded() {
        this(batch -> Directive.CONTINUE);
    }

    /** @param script what to answer after so many batches of training, validation and features */
    Recorded(IntFunction<Directive> script) {
        this.script = script;
    }

    /** Gives a directive once, after so many batches. */
    static Recorded after(int count, Directive directive) {
        boolean[] given = new boolean[1];
        return new Recorded(done -> {
            if (done < count || given[0]) {
                return Directive.CONTINUE;
            }
            given[0] = true;
            return directive;
        });
    }

    JobStart start() {
        return Objects.requireNonNull(start);
    }

    @Override
    public void started(JobStart jobStart) {
        start = jobStart;
    }

    @Override
    public void batchEnded(BatchResult batch) {
        batches.add(batch);
    }

    @Override
    public void epochEnded(EpochResult result) {
        epochs.add(result);
    }

    @Override
    public Directive directive() {
        directives++;
        return script.apply(batches.size());
    }

    @Override
    public void awaitResume() {
        resumes++;
    }

    @Override
    public void confirmOwnership() {
        confirmations++;
    }
}
