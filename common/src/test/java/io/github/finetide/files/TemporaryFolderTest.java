package io.github.finetide.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
    private static final String PREFIX = "finetide-trainer";

    @TempDir
    Path parent;

    @Test
    void whatAKilledWorkerLeftIsRemovedAndALiveOnesFolderIsNot() throws IOException {
        Path left = Files.createDirectory(parent.resolve("finetide-trainer-of-a-killed-one"));
        Files.createFile(left.resolve(".in-use"));
        Files.writeString(left.resolve("features"), "gigabytes");
        Path others = Files.createDirectory(parent.resolve("finetide-trainer-of-somebody-else"));
        try (TemporaryFolder living = TemporaryFolder.create(parent, PREFIX);
                TemporaryFolder next = TemporaryFolder.create(parent, PREFIX)) {
            assertThat(left).doesNotExist();
            assertThat(others).exists();
            assertThat(living.path()).exists();
            assertThat(next.path()).exists();
        }
        assertThat(parent).isDirectoryContaining("glob:**/*else").isDirectoryNotContaining("glob:**/*killed*");
    }

    /** Of versions that locked nothing. */
    @Test
    void whatHasNoLockIsRemovedOnceItIsOld() throws IOException {
        Path old = Files.writeString(parent.resolve(".part-1"), "half");
        Path young = Files.writeString(parent.resolve(".part-2"), "half");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        TemporaryFolder.removeAbandoned(parent, ".part-");

        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void anotherProcessThatLooksForLeftoversLeavesThisOnesAlone() throws Exception {
        try (TemporaryFolder living = TemporaryFolder.create(parent, PREFIX)) {
            TemporaryFolder.removeAbandoned(parent, PREFIX); // looks, and must not free the lock
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            Other.class.getName(),
                            parent.toString())
                    .inheritIO()
                    .start();

            assertThat(other.waitFor()).isZero();
            assertThat(living.path()).exists();
        }
    }

    static final class Other {
        public static void main(String[] arguments) {
            TemporaryFolder.removeAbandoned(Path.of(arguments[0]), PREFIX);
        }
    }
}
