package io.github.finetide.network.weights;

import static org.assertj.core.api.Assertions.assertThat;

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
        Path left = Files.createFile(folder.resolve(".part-1"));
        Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        Path written = Files.createFile(folder.resolve(".part-2"));
        assertThat(new WeightsCache(folder).<Boolean>alone(() -> Files.exists(left)))
                .isFalse();

        assertThat(written).exists();
    }
}
