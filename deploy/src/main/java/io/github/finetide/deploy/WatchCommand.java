package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.Event;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Follows all jobs. */
@Command(
        name = "watch",
        description = "Follows status and metrics of all jobs, a line each time one gets on. Ctrl-C ends it.")
final class WatchCommand implements Callable<Integer> {
    /** A long epoch shows that it lives this often. */
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(10);

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    private final Screen screen = Screen.ofProcess();
    private final Map<String, JobStatus> shown = new HashMap<>();

    @Override
    public Integer call() {
        KafkaSettings settings = kafka.reachable();
        Map<String, Class<? extends Event>> types = Map.of(
                settings.topics().trainingStatus(), JobStatus.class,
                settings.topics().trainingMetrics(), EpochMetrics.class);
        Set<String> whole = Set.of(settings.topics().trainingStatus());
        try (EventTail tail = EventTail.open(settings, types, whole)) {
            standing(tail);
            while (!Thread.currentThread().isInterrupted()) {
                tail.poll(Duration.ofMillis(500)).forEach(this::show);
            }
        }
        return 0;
    }

    /** Shows how every job stands now: the newest of its statuses. */
    private void standing(EventTail tail) {
        Map<String, Event> newest = new LinkedHashMap<>();
        while (!tail.isCaughtUp()) {
            tail.poll(Duration.ofMillis(200)).forEach(event -> newest.put(event.key(), event));
        }
        screen.line("%d jobs so far.", newest.size());
        newest.values().forEach(this::show);
    }

    private void show(Event event) {
        if (event instanceof EpochMetrics metrics) {
            line(
                    metrics.at(),
                    "%s%s%s epoch %d/%d: training loss %.4f accuracy %s, validation loss %.4f accuracy %s, %s%s",
                    metrics.jobId(),
                    metrics.variant() == null ? "" : " variant " + metrics.variant(),
                    metrics.fold() == null ? "" : " fold " + metrics.fold(),
                    metrics.epoch(),
                    metrics.epochs(),
                    metrics.train().loss(),
                    Texts.percent(metrics.train().accuracy()),
                    metrics.validation().loss(),
                    Texts.percent(metrics.validation().accuracy()),
                    Texts.clock(metrics.durationSeconds()),
                    metrics.isBest() ? ", best" : "");
        } else if (event instanceof JobStatus status && isNews(shown.get(status.jobId()), status)) {
            shown.put(status.jobId(), status);
            line(status.updatedAt(), "%s %s%s", status.jobId(), status.state().wire(), details(status));
        }
    }

    private static boolean isNews(@Nullable JobStatus before, JobStatus now) {
        return before == null
                || before.state() != now.state()
                || before.attempt() != now.attempt()
                || Duration.between(before.updatedAt(), now.updatedAt()).compareTo(PROGRESS_INTERVAL) >= 0;
    }

    private static String details(JobStatus status) {
        if (status.state() == JobState.RUNNING) {
            String left = status.etaSeconds() == null ? "" : ", " + Texts.clock(status.etaSeconds()) + " left";
            String worker = status.worker() == null ? "" : " on " + status.worker();
            return worker + ", " + Texts.percent(status.progress()) + left;
        }
        String best = status.best() == null
                ? ""
                : ", best accuracy %s in epoch %d"
                        .formatted(
                                Texts.percent(status.best().accuracy()),
                                status.best().epoch());
        return best + TrainCommand.why(status);
    }

    private void line(Instant at, String format, Object... values) {
        LocalTime time = at.atZone(ZoneId.systemDefault()).toLocalTime().truncatedTo(ChronoUnit.SECONDS);
        screen.line(
                "%s",
                DateTimeFormatter.ISO_LOCAL_TIME.format(time) + "  " + String.format(Locale.ROOT, format, values));
    }
}
