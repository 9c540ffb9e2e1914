package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.FaultException;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Remembers what the loop reported, and gives the directives of a script. */
class Recorded implements Progress {
    final List<EpochResult> epochs = new ArrayList<>();
    final List<BatchResult> batches = new ArrayList<>();
    final List<String> warnings = new ArrayList<>();
    final List<Long> checkpointBytes = new ArrayList<>();
    int resumes;
    int directives;
    int confirmations;
    int obeyed;

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

    /** Gives a directive once, when it was asked for so often. */
    static Recorded whenAsked(int times, Directive directive) {
        int[] asked = new int[1];
        return new Recorded(done -> ++asked[0] == times ? directive : Directive.CONTINUE);
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
    public void warned(String warning) {
        warnings.add(warning);
    }

    @Override
    public void checkpointSaved(Duration writing, long sizeBytes) {
        checkpointBytes.add(sizeBytes);
    }

    @Override
    public Directive directive() {
        directives++;
        return script.apply(batches.size());
    }

    @Override
    public void checkpointObeyed() {
        obeyed++;
    }

    @Override
    public void awaitResume() {
        resumes++;
    }

    @Override
    public void awaitRetry(String doing, FaultException why) {
        throw why;
    }

    @Override
    public void confirmOwnership() {
        confirmations++;
    }

    /** Asserts the same metrics and the same checkpoints, bit for bit. */
    void assertSameEpochsAs(Recorded expected) {
        assertThat(epochs).hasSameSizeAs(expected.epochs);
        for (int i = 0; i < epochs.size(); i++) {
            EpochResult is = epochs.get(i);
            EpochResult was = expected.epochs.get(i);
            assertThat(is.train()).isEqualTo(was.train());
            assertThat(is.validation()).isEqualTo(was.validation());
            assertThat(is.best()).isEqualTo(was.best());
            assertThat(is.checkpoint().digest())
                    .as("digest of epoch %s", is.epoch())
                    .isEqualTo(was.checkpoint().digest());
        }
    }
}
