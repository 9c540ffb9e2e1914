package io.github.finetide.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCacheTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path root;

    private LocalCache at(Duration later) {
        return new LocalCache(root, 2500, InstantSource.fixed(START.plus(later)));
    }

    private static String name(int number) {
        return String.valueOf(number).repeat(64);
    }

    @Test
    void entryUsedLongestAgoGoesFirst() {
        at(Duration.ZERO).add(name(1), Samples.bytes(1, 1000));
        at(Duration.ofMinutes(1)).add(name(2) + ".safetensors", Samples.bytes(2, 1000));
        at(Duration.ofMinutes(20)).find(name(1));
        LocalCache later = at(Duration.ofMinutes(40));
        later.add(name(3), Samples.bytes(3, 1000));
        assertThat(later.find(name(1))).isPresent();
        assertThat(later.find(name(2) + ".safetensors")).isEmpty();
        assertThat(later.find(name(3))).isPresent();
    }

    @Test
    void entriesInUseStayWhateverTheirSize() {
        at(Duration.ZERO).add(name(1), Samples.bytes(1, 2000));
        LocalCache soon = at(Duration.ofMinutes(9));
        soon.add(name(2), Samples.bytes(2, 2000));
        assertThat(soon.find(name(1))).isPresent();
        assertThat(soon.find(name(2))).isPresent();
    }

    @Test
    void otherFilesInTheFolderAreLeftAlone() throws IOException {
        Path other = Files.write(root.resolve("resnet152.pth"), new byte[9000]);
        Files.setLastModifiedTime(other, FileTime.from(START));
        at(Duration.ofDays(1)).add(name(1), Samples.bytes(1, 3000));
        assertThat(other).exists();
    }

    @Test
    void abandonedDownloadsAreRemoved() throws IOException {
        Path killed = Files.createDirectory(root.resolve(Temporaries.name("fetch")));
        Files.createFile(killed.resolve(".in-use"));
        Path old = Files.createDirectory(root.resolve(Temporaries.name("fetch")));
        Path alive = Files.createDirectory(root.resolve(Temporaries.name("fetch")));
        Files.setLastModifiedTime(old, FileTime.from(START));
        at(Duration.ZERO).removeLeftovers();
        assertThat(killed).doesNotExist();
        assertThat(old).doesNotExist();
        assertThat(alive).exists();
    }

    @Test
    void manyMakeTheSameEntryAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Path>> made = IntStream.range(0, 20)
                    .mapToObj(round -> threads.submit(() -> new LocalCache(root, 1 << 20).add(name(1), folder -> {
                        Files.createDirectory(folder);
                        Samples.bytes(1, 1000).writeTo(folder.resolve("a"));
                    })))
                    .toList();
            for (Future<Path> entry : made) {
                assertThat(entry.get().resolve("a")).hasSize(1000);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(root).isDirectoryNotContaining("glob:**/.tmp-*");
    }
}
