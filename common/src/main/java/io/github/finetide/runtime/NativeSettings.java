package io.github.finetide.runtime;

import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What must be set before libtorch is loaded. DJL reads its settings from system properties; the memory allocator's
 * come from the environment of the process, which only who starts it can set: {@link #prepare} warns where it did not.
 */
public final class NativeSettings {
    /**
     * glibc gives every large buffer back to the kernel and faults it in again, unless it is set to keep them. Measured with
     * ResNet152 on two cores: 2.4 images/s without, 8.3 with these (fp32, batch 8).
     */
    public static final Map<String, String> ALLOCATOR = Map.of(
            "MALLOC_ARENA_MAX", "1",
            "MALLOC_MMAP_THRESHOLD_", "8589934592",
            "MALLOC_TRIM_THRESHOLD_", "17179869184",
            "MALLOC_TOP_PAD_", "268435456");

    /** Where images keep libtorch: with CUDA it has gigabytes. */
    private static final String DJL_CACHE = "DJL_CACHE_DIR";

    private static final String FOLDER = "finetide-worker-";

    /** Java's own, which lz4 uses, and those of zstd and snappy, which newer Javas' default does not reach. */
    private static final List<String> FOLDER_PROPERTIES =
            List.of("java.io.tmpdir", "ZstdTempFolder", "org.xerial.snappy.tempdir");

    private static final Logger log = LoggerFactory.getLogger(NativeSettings.class);

    private NativeSettings() {}

    /**
     * Makes the settings; to be called once, before any DJL class is used.
     *
     * @param threads of one operator
     */
    public static void prepare(int threads) {
        setUnlessSet("ai.djl.offline", "true"); // looks for no libraries to download
        setUnlessSet("OPT_OUT_TRACKING", "true"); // reports no usage
        setUnlessSet("ai.djl.pytorch.num_threads", String.valueOf(threads));
        setUnlessSet("ai.djl.pytorch.num_interop_threads", "1"); // one network runs at a time
        allocatorWarning(System.getProperty("os.name"), System.getenv()).ifPresent(log::warn);
    }

    /**
     * Has temporary files and the codecs' libraries go to a folder of this process alone, which ends with it: every start
     * unpacks some megabytes, and a process that is killed removes nothing. libtorch is unpacked once for all starts.
     *
     * @param tempDir made where it is missing; null: where the system says, and libtorch to its own cache
     * @return the folder, to be closed last
     * @throws FaultException where the folder cannot be made
     */
    public static TemporaryFolder useFolder(@Nullable Path tempDir) {
        return useFolder(tempDir, System.getenv());
    }

    static TemporaryFolder useFolder(@Nullable Path tempDir, Map<String, String> environment) {
        Path parent = tempDir == null ? Path.of(System.getProperty("java.io.tmpdir")) : tempDir;
        try {
            Path real = Files.createDirectories(parent).toRealPath();
            TemporaryFolder own = TemporaryFolder.create(real, FOLDER);
            FOLDER_PROPERTIES.forEach(
                    name -> System.setProperty(name, own.path().toString()));
            if (tempDir != null && !environment.containsKey(DJL_CACHE)) {
                setUnlessSet("ENGINE_CACHE_DIR", real.toString());
            }
            return own;
        } catch (IOException e) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "the folder for temporary files %s cannot be used (%s); choose another with --temp-dir"
                            .formatted(parent, e),
                    e);
        }
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** A warning for a user whose process was started without the allocator's settings. */
    public static Optional<String> allocatorWarning(String system, Map<String, String> environment) {
        if (!system.equals("Linux") || environment.keySet().containsAll(ALLOCATOR.keySet())) {
            return Optional.empty();
        }
        StringBuilder remedy = new StringBuilder("export");
        new TreeMap<>(ALLOCATOR)
                .forEach((name, value) ->
                        remedy.append(' ').append(name).append('=').append(value));
        return Optional.of(
                "Memory allocator not set up: the network runs at about half its speed. Start with: " + remedy);
    }
}
