package io.github.finetide.network.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WeightsCacheLockTest {
    @TempDir
    Path folder;

    @Test
    void aFrozenProcessThatKeepsTheLockStopsNobody() throws Exception {
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LockHolder.class.getName(),
                        folder.resolve(".lock").toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(holder.getInputStream().read()).isEqualTo('L');
            String done = new WeightsCache(folder, Duration.ofMillis(200)).alone(() -> "done");
            assertThat(done).isEqualTo("done");
        } finally {
            holder.destroyForcibly().waitFor();
        }
    }

    @Test
    void whatAKilledProcessLeftIsRemovedAndWhatIsWrittenNowIsNot() throws IOException {
        Path left = Files.createDirectory(folder.resolve(".part-1"));
        Files.createFile(left.resolve(".in-use"));
        Files.createFile(left.resolve("half"));
        Path old = Files.createFile(folder.resolve("merged1.part")); // of earlier versions, which locked nothing
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Path written = Files.createFile(folder.resolve(".part-2"));
        StartingWeights.removeLeftovers(folder);

        assertThat(left).doesNotExist();
        assertThat(old).doesNotExist();
        assertThat(written).exists();
    }

    @Test
    void workThatFailsLeavesNothing() {
        WeightsCache cache = new WeightsCache(folder);
        assertThatThrownBy(() -> cache.alone(() -> {
                    Files.writeString(cache.temporary(), "half");
                    throw new IOException("No space left on device");
                }))
                .hasMessageContaining("No space left");

        assertThat(folder).isDirectoryNotContaining("glob:**/.part-*");
    }
}
