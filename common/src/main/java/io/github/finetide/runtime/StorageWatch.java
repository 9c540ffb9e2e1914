package io.github.finetide.runtime;

import io.github.finetide.files.WritableFolder;
import io.github.finetide.kafka.Periodic;
import io.github.finetide.message.FailureSummary;
import io.github.finetide.message.FaultException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds whether a worker's store answers, and whether its folders can be written. What it saw last is
 * there at once, for readiness.
 */
public final class StorageWatch implements AutoCloseable {
    private static final Duration PERIOD = Duration.ofSeconds(10);

    /** A mount whose server is away answers nothing at all. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(60);

    private static final Logger log = LoggerFactory.getLogger(StorageWatch.class);

    private final Runnable probe;
    private final List<WritableFolder> folders;
    private final InstantSource clock;
    private final Periodic looks = new Periodic("storage-watch", PERIOD, this::look);
    private volatile Instant lookedAt;
    private volatile @Nullable String problem;

    StorageWatch(Runnable probe, List<WritableFolder> folders, InstantSource clock) {
        this.probe = probe;
        this.folders = List.copyOf(folders);
        this.clock = clock;
        this.lookedAt = clock.instant();
    }

    /**
     * Begins to look.
     *
     * @param probe asks the store; throws FaultException where it is away
     * @param folders that the worker writes to
     */
    public static StorageWatch start(Runnable probe, List<Path> folders) {
        StorageWatch watch = new StorageWatch(
                probe, folders.stream().map(WritableFolder::new).toList(), InstantSource.system());
        watch.looks.start();
        return watch;
    }

    /** What was wrong when it looked last, in one sentence; null where all was well. */
    public @Nullable String problem() {
        Duration silence = Duration.between(lookedAt, clock.instant());
        return silence.compareTo(SILENCE_LIMIT) > 0
                ? "store or folders have not answered for " + silence.toSeconds() + " s"
                : problem;
    }

    /** Looks once. */
    void look() {
        String found = found();
        if (found != null && !found.equals(problem)) {
            log.atWarn().addKeyValue("reason", found).log("Nothing can be stored now");
        }
        problem = found;
        lookedAt = clock.instant();
    }

    private @Nullable String found() {
        try {
            probe.run();
        } catch (FaultException away) {
            return String.valueOf(away.getMessage());
        } catch (RuntimeException | Error odd) {
            return FailureSummary.of(odd);
        }
        return folders.stream()
                .map(WritableFolder::problem)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() {
        looks.close();
    }
}
