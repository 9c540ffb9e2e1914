package io.github.finetide.deploy;

import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.Event;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.SweepStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One job on the screen: a row for each epoch that ended, a bar for the one that runs. */
final class JobView {
    /** 80 columns, the word "best" at the end among them. */
    private static final List<String> TITLES = List.of(
            "             training           validation",
            "  epoch      loss accuracy       loss accuracy   top 5   img/s     time");

    private static final String ROW = "%7s  %8.4f %8s   %8.4f %8s  %6s  %6.1f  %7s%s";

    private final Screen screen;
    private final String jobId;
    private final List<EpochMetrics> epochs = new ArrayList<>();
    private @Nullable JobStatus last;
    private @Nullable CheckpointSaved checkpoint;
    private @Nullable ModelRelease release;

    JobView(Screen screen, String jobId) {
        this.screen = screen;
        this.jobId = jobId;
    }

    /** Shows an event, if it is about this job. */
    void show(Event event) {
        if (event instanceof EpochMetrics metrics && metrics.jobId().equals(jobId)) {
            if (!metrics.isTrial()) { // there may be thousands of the others
                row(metrics);
            }
        } else if (event instanceof JobStatus status && status.jobId().equals(jobId)) {
            status(status);
        } else if (event instanceof CheckpointSaved saved && saved.jobId().equals(jobId)) {
            checkpoint = saved;
        } else if (event instanceof ModelRelease released && released.version().startsWith(jobId + "@")) {
            release = released;
        }
    }

    /** What the job released, once it did. */
    Optional<ModelRelease> release() {
        return Optional.ofNullable(release);
    }

    /** The newest checkpoint that was seen. */
    Optional<CheckpointSaved> checkpoint() {
        return Optional.ofNullable(checkpoint);
    }

    /** Whether anybody has said anything about the job yet. */
    boolean isHeardOf() {
        return last != null;
    }

    /** The epochs whose metrics were seen. */
    List<EpochMetrics> epochs() {
        return List.copyOf(epochs);
    }

    /** The final status, once there is one. */
    Optional<JobStatus> end() {
        return Optional.ofNullable(last).filter(status -> status.state().isFinal());
    }

    private void row(EpochMetrics metrics) {
        if (epochs.isEmpty()) {
            TITLES.forEach(line -> screen.line("%s", line));
        }
        epochs.add(metrics);
        Double top5 = metrics.validation().top5Accuracy();
        screen.line(
                ROW,
                metrics.epoch() + "/" + metrics.epochs(),
                metrics.train().loss(),
                Texts.percent(metrics.train().accuracy()),
                metrics.validation().loss(),
                Texts.percent(metrics.validation().accuracy()),
                top5 == null ? "" : String.format(Locale.ROOT, "%.1f", top5 * 100),
                metrics.imagesPerSecond(),
                Texts.clock(metrics.durationSeconds()),
                metrics.isBest() ? " best" : "");
    }

    private void status(JobStatus status) {
        JobStatus before = last;
        last = status;
        if (status.state().isFinal()) {
            screen.eraseBar();
            trials(status);
            return;
        }
        news(before, status);
        double done = status.progress() * status.epochs();
        int finished = Math.min((int) Math.floor(done + 1e-9), Math.max(0, status.epochs() - 1));
        String left = status.etaSeconds() == null ? "" : Texts.clock(status.etaSeconds()) + " left";
        screen.bar("Epoch %d/%d".formatted(finished + 1, status.epochs()), done - finished, left);
    }

    /** What variants and folds gave. */
    private void trials(JobStatus status) {
        SweepStatus sweep = status.sweep();
        if (sweep != null && sweep.best() != null) {
            screen.line(
                    "Best of %d variants: variant %d, %s",
                    sweep.variants(),
                    sweep.best(),
                    new String(Json.write(Objects.requireNonNull(sweep.values())), StandardCharsets.UTF_8));
        }
        CrossValidation folds = status.crossValidation();
        if (folds != null) {
            screen.line(
                    "Cross-validation, %d folds: accuracy %s, deviation %s; loss %.4f, deviation %.4f",
                    folds.folds(),
                    Texts.percent(folds.accuracy().mean()),
                    Texts.percent(folds.accuracy().deviation()),
                    folds.loss().mean(),
                    folds.loss().deviation());
        }
    }

    private void news(@Nullable JobStatus before, JobStatus now) {
        boolean taken = before == null || now.attempt() != before.attempt() || before.state() != now.state();
        if (!taken) {
            return;
        }
        String from = now.resumedFromEpoch() == null ? "" : ", from epoch " + now.resumedFromEpoch() + " on";
        String worker = now.worker() == null ? "" : " on " + now.worker();
        screen.line("%s is %s%s%s", jobId, now.state().wire(), worker, from);
        if (now.warnings() != null && (before == null || before.warnings() == null)) {
            now.warnings().forEach(warning -> screen.line("  warning: %s", warning));
        }
    }
}
