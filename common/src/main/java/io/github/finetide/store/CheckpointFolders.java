package io.github.finetide.store;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A job's checkpoint folders, found by their {@code checkpoint.json}. */
final class CheckpointFolders {
    private static final Pattern FINISHED = Pattern.compile("[^/]+/epoch-(\\d{4,6})");
    private static final Pattern INTERIM = Pattern.compile("[^/]+/interim/epoch-(\\d{4,6})-batch-(\\d{6,9})");

    private CheckpointFolders() {}

    /** How far training had come: finished epochs, and batches of the next. */
    private record Position(String folder, int epochs, int batches) {
        static final Comparator<Position> ORDER =
                Comparator.comparingInt(Position::epochs).thenComparingInt(Position::batches);

        boolean isFinished() {
            return batches < 0;
        }

        static Optional<Position> of(String folder) {
            Matcher finished = FINISHED.matcher(folder);
            if (finished.matches()) {
                return Optional.of(new Position(folder, Integer.parseInt(finished.group(1)), -1));
            }
            Matcher interim = INTERIM.matcher(folder);
            if (interim.matches()) {
                int epochs = Integer.parseInt(interim.group(1)) - 1;
                return Optional.of(new Position(folder, epochs, Integer.parseInt(interim.group(2))));
            }
            return Optional.empty();
        }
    }

    private static List<Position> positions(Store store, String jobId) {
        String end = "/" + CheckpointManifest.NAME;
        return store.list(jobId).stream()
                .map(Store.Entry::key)
                .filter(key -> key.endsWith(end))
                .map(key -> key.substring(0, key.length() - end.length()))
                .flatMap(folder -> Position.of(folder).stream())
                .sorted(Position.ORDER)
                .toList();
    }

    /** Finished epochs, oldest first. */
    static List<String> finished(Store store, String jobId) {
        return positions(store, jobId).stream()
                .filter(Position::isFinished)
                .map(Position::folder)
                .toList();
    }

    /** Finished and unfinished epochs, the most advanced first. */
    static List<String> newestFirst(Store store, String jobId) {
        return positions(store, jobId).stream()
                .sorted(Position.ORDER.reversed())
                .map(Position::folder)
                .toList();
    }

    /** What is kept: see {@link Checkpoints#unneeded}. */
    record Kept(int newest, int bestEpoch, int lastEpoch) {}

    /** See {@link Checkpoints#unneeded}. */
    static List<String> unneeded(Store store, String jobId, Kept kept) {
        List<Position> all = positions(store, jobId).stream()
                .filter(position -> position.epochs() <= kept.lastEpoch())
                .toList();
        List<Position> finished = all.stream().filter(Position::isFinished).toList();
        int oldestKept = Math.max(0, finished.size() - kept.newest());
        int epochs = finished.isEmpty() ? 0 : finished.get(finished.size() - 1).epochs();
        return all.stream()
                .filter(position -> position.isFinished()
                        ? finished.indexOf(position) < oldestKept && position.epochs() != kept.bestEpoch()
                        : position.epochs() < epochs)
                .map(Position::folder)
                .toList();
    }
}
