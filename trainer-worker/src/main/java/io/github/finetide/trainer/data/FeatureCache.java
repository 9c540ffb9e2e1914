package io.github.finetide.trainer.data;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A job's tables of features, for networks that do not change before the head; each is filled when it is first asked for. */
public final class FeatureCache implements AutoCloseable {
    /** 32,768 images of a ResNet; the rest goes to a file. */
    public static final long MAX_MEMORY_BYTES = 256L << 20;

    private final FeatureExtraction extraction;
    private final Path temporary;
    private final long maxMemoryBytes;
    private final Map<String, FeatureTable> tables = new HashMap<>();

    /** @param temporary folder for what does not fit into memory */
    public FeatureCache(FeatureExtraction extraction, Path temporary, long maxMemoryBytes) {
        this.extraction = extraction;
        this.temporary = temporary;
        this.maxMemoryBytes = maxMemoryBytes;
    }

    /** Is called between batches and images, and may throw to stop. */
    @FunctionalInterface
    public interface Watcher {
        /** A batch of features was computed. */
        void computed(int batch, int batches, int images);

        /** An image was looked at. */
        default void passes() {}
    }

    /** Returns the table of that name; if it is not there, with the rows of the pass's images. */
    public FeatureTable table(String name, BatchSampler pass, Watcher watcher) {
        FeatureTable known = tables.get(name);
        if (known != null) {
            return known;
        }
        FeatureTable table = new FeatureTable(pass.images().size(), extraction.columns(), memoryLeft(), temporary);
        try {
            extraction.fill(table, pass, watcher);
        } catch (RuntimeException | Error failed) {
            table.close();
            throw failed;
        }
        tables.put(name, table);
        return table;
    }

    private long memoryLeft() {
        return maxMemoryBytes
                - tables.values().stream().mapToLong(FeatureTable::memoryBytes).sum();
    }

    @Override
    public void close() {
        tables.values().forEach(FeatureTable::close);
        tables.clear();
    }
}
