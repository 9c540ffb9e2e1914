package io.github.finetide.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.PrecisionScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The power goes after every single step of an operation, once each. */
class CrashTest {
    private static final int MAX_STEPS = 200;

    @TempDir
    Path folder;

    private int steps;

    @Test
    void newCheckpointIsThereWholeOrNotAtAll() throws IOException {
        everyCrash(checkpoints -> checkpoints.save(Samples.manifest("job", 2), Samples.files(2)), root -> {
            Newest newest = open(root).newest("job");
            assertThat(newest.damaged()).isEmpty();
            assertThat(newest.checkpoint().orElseThrow().manifest().epoch()).isIn(1, 2);
        });
        assertThat(steps).isGreaterThan(10);
    }

    @Test
    void replacedCheckpointIsTheOldOrTheNewOneOrGone() throws IOException {
        everyCrash(checkpoints -> checkpoints.save(Samples.manifest("job", 1), Samples.files(9)), root -> {
            Newest newest = open(root).newest("job");
            assertThat(newest.damaged()).isEmpty();
            newest.checkpoint()
                    .ifPresent(found -> assertThat(found.manifest().files()).hasSize(3));
        });
    }

    @Test
    void amendedCheckpointIsTheOldOrTheNewOne() throws IOException {
        everyCrash(
                checkpoints -> {
                    Found found = checkpoints.find("job", 1).orElseThrow();
                    Map<String, PrecisionScores> scores = Map.of("int8", new PrecisionScores(0.2, 1));
                    Map<String, Content> files = Map.of(CheckpointManifest.CALIBRATION, Samples.bytes(5, 700));
                    try (PreparedCheckpoint prepared =
                            checkpoints.amend(found, found.manifest().withPrecisions(scores), files)) {
                        prepared.publish();
                    }
                },
                root -> {
                    Newest newest = open(root).newest("job");
                    assertThat(newest.damaged()).isEmpty();
                    CheckpointManifest manifest =
                            newest.checkpoint().orElseThrow().manifest();
                    assertThat(manifest.files()).hasSize(manifest.precisions() == null ? 3 : 4);
                });
    }

    @Test
    void deletedCheckpointIsThereWholeOrNotAtAll() throws IOException {
        everyCrash(checkpoints -> checkpoints.unneeded("job", 0, 99, 99).forEach(checkpoints::delete), root -> {
            Newest newest = open(root).newest("job");
            assertThat(newest.damaged()).isEmpty();
        });
    }

    @Test
    void deletedInterimCheckpointLeavesNothing() throws IOException {
        everyCrash(
                checkpoints -> {
                    Saved interim = checkpoints.save(Samples.interim("job", 2, 7), Samples.files(2));
                    checkpoints.delete(interim.uri());
                },
                root -> assertThat(open(root).newest("job").damaged()).isEmpty());
    }

    @Test
    void reportIsTheOldOrTheNewOne() throws IOException {
        everyCrash(checkpoints -> checkpoints.putReport("job", "new report", () -> {}), root -> {
            assertThat(root.resolve("job/report.html")).content().isIn("old report", "new report");
        });
    }

    private void everyCrash(Consumer<Checkpoints> operation, Consumer<Path> check) throws IOException {
        for (steps = 0; steps < MAX_STEPS; steps++) {
            Path root = Files.createDirectory(folder.resolve("store-" + steps));
            open(root).save(Samples.manifest("job", 1), Samples.files(1));
            open(root).putReport("job", "old report", () -> {});
            CrashingDisk disk = new CrashingDisk(steps);
            boolean crashed = run(new Checkpoints(new FileStore(root, disk), "dying", cache()), operation);
            check.accept(root);
            open(root).deleteTemporaries("job", () -> {});
            assertThat(files(root)).as("after %d steps", steps).noneMatch(Temporaries::isTemporary);
            if (!crashed) {
                return;
            }
        }
        throw new AssertionError("more than " + MAX_STEPS + " steps");
    }

    private static boolean run(Checkpoints checkpoints, Consumer<Checkpoints> operation) {
        try {
            operation.accept(checkpoints);
            return false;
        } catch (CrashingDisk.PowerLoss expected) {
            return true;
        }
    }

    private Checkpoints open(Path root) {
        return new Checkpoints(FileStore.open(root), "next", cache());
    }

    private LocalCache cache() {
        return new LocalCache(folder.resolve("cache"), LocalCache.DEFAULT_MAX_BYTES);
    }

    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.map(file -> root.relativize(file).toString()).toList();
        }
    }
}
