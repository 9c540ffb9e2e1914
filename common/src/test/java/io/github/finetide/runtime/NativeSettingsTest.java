package io.github.finetide.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeSettingsTest {
    @Test
    void processWithoutTheAllocatorsSettingsIsToldTheRemedyInOneLine() {
        assertThat(NativeSettings.allocatorWarning("Linux", Map.of("MALLOC_ARENA_MAX", "1")))
                .hasValueSatisfying(warning -> assertThat(warning)
                        .doesNotContain("\n")
                        .endsWith("export MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=8589934592"
                                + " MALLOC_TOP_PAD_=268435456 MALLOC_TRIM_THRESHOLD_=17179869184"));
    }

    @Test
    void processWithThemIsNotAndNeitherIsOneWithoutGlibc() {
        assertThat(NativeSettings.allocatorWarning("Linux", NativeSettings.ALLOCATOR))
                .isEmpty();
        assertThat(NativeSettings.allocatorWarning("Mac OS X", Map.of())).isEmpty();
    }

    @Test
    void settingsOfDjlAreMadeUnlessTheUserMadeThem() {
        Properties before = (Properties) System.getProperties().clone();
        try {
            System.setProperty("ai.djl.pytorch.num_threads", "7");
            System.clearProperty("ai.djl.offline");
            NativeSettings.prepare(2);
            assertThat(System.getProperty("ai.djl.pytorch.num_threads")).isEqualTo("7");
            assertThat(System.getProperty("ai.djl.pytorch.num_interop_threads")).isEqualTo("1");
            assertThat(System.getProperty("ai.djl.offline")).isEqualTo("true");
            assertThat(System.getProperty("OPT_OUT_TRACKING")).isEqualTo("true");
        } finally {
            System.setProperties(before);
        }
    }

    @Test
    void folderForTemporaryFilesIsMadeAndHoldsNativeLibrariesToo(@TempDir Path folder) throws IOException {
        Properties before = (Properties) System.getProperties().clone();
        Path wanted = folder.resolve("deep/er");
        try (TemporaryFolder own = NativeSettings.useFolder(wanted, Map.of())) {
            assertThat(own.path().getParent()).isEqualTo(wanted.toRealPath());
            for (String name : List.of("java.io.tmpdir", "ZstdTempFolder", "org.xerial.snappy.tempdir")) {
                assertThat(System.getProperty(name)).isEqualTo(own.path().toString());
            }
            assertThat(System.getProperty("ENGINE_CACHE_DIR"))
                    .as("unpacked once")
                    .isEqualTo(wanted.toRealPath().toString());
            System.clearProperty("ENGINE_CACHE_DIR");
            NativeSettings.useFolder(wanted, Map.of("DJL_CACHE_DIR", "/cache")).close();
            assertThat(System.getProperty("ENGINE_CACHE_DIR")).isNull();
        } finally {
            System.setProperties(before);
        }
    }

    @Test
    void whatAKilledWorkerUnpackedIsRemovedByTheNext(@TempDir Path folder) throws IOException {
        Properties before = (Properties) System.getProperties().clone();
        Path killed = Files.createDirectory(folder.toRealPath().resolve("finetide-worker-1"));
        Files.createFile(killed.resolve(".in-use"));
        Files.createFile(killed.resolve("libzstd-jni.so"));
        try (TemporaryFolder own = NativeSettings.useFolder(folder)) {
            assertThat(killed).doesNotExist();
            assertThat(own.path()).exists();
        } finally {
            System.setProperties(before);
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void folderThatCannotBeMadeIsNamedWithItsOption(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");

        assertThatThrownBy(() -> NativeSettings.useFolder(file.resolve("below")))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining(file.resolve("below").toString())
                .hasMessageContaining("--temp-dir");
    }
}
