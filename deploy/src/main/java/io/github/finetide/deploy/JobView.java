package io.github.finetide.deploy;

import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.Event;
import io.github.finetide.message.JobStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One job on the screen: a row for each epoch that ended, a bar for the one that runs. */
final class JobView {
    private static final String TITLES =
            "  epoch   training loss  accuracy   validation loss  accuracy   top 5   img/s   time";
    private static final String ROW = "%7s   %13.4f  %8s   %15.4f  %8s  %6.1f   %5.1f  %5s%s";

    private final Screen screen;
    private final String jobId;
    private final List<EpochMetrics> epochs = new ArrayList<>();
    private @Nullable JobStatus last;

    JobView(Screen screen, String jobId) {
        this.screen = screen;
        this.jobId = jobId;
    }

    /** Shows an event, if it is about this job. */
    void show(Event event) {
        if (event instanceof EpochMetrics metrics && metrics.jobId().equals(jobId)) {
            row(metrics);
        } else if (event instanceof JobStatus status && status.jobId().equals(jobId)) {
            status(status);
        }
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
            screen.line("%s", TITLES);
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
                top5 * 100,
                metrics.imagesPerSecond(),
                Texts.clock(metrics.durationSeconds()),
                metrics.isBest() ? "  best" : "");
    }

    private void status(JobStatus status) {
        JobStatus before = last;
        last = status;
        if (status.state().isFinal()) {
            screen.eraseBar();
            return;
        }
        news(before, status);
        double done = status.progress() * status.epochs();
        int finished = Math.min((int) Math.floor(done + 1e-9), Math.max(0, status.epochs() - 1));
        String left = status.etaSeconds() == null ? "" : Texts.clock(status.etaSeconds()) + " left";
        screen.bar("Epoch %d/%d".formatted(finished + 1, status.epochs()), done - finished, left);
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
