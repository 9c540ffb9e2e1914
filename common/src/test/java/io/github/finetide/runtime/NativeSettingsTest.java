package io.github.finetide.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
            NativeSettings.prepare(2, null);
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
        try {
            NativeSettings.prepare(2, wanted);
            assertThat(System.getProperty("java.io.tmpdir"))
                    .isEqualTo(wanted.toRealPath().toString());
            assertThat(System.getProperty("ENGINE_CACHE_DIR"))
                    .isEqualTo(wanted.toRealPath().toString());
        } finally {
            System.setProperties(before);
        }
    }

    @Test
    void folderThatCannotBeMadeIsNamedWithItsOption(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "no folder");

        assertThatThrownBy(() -> NativeSettings.prepare(2, file.resolve("below")))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("--temp-dir " + file.resolve("below"));
    }
}
