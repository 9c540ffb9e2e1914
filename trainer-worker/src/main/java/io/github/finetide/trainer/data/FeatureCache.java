package io.github.finetide.trainer.data;

import io.github.finetide.trainer.learning.Learner;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Features computed once, for networks that do not change before the head. They are always computed in
 * the order of the manifest and in batches of the job's size, whatever the order of the pass that needs
 * them: so a resumed job computes the very same ones.
 */
public final class FeatureCache implements AutoCloseable {
    /** 32,768 images of a ResNet; the rest goes to a file. */
    public static final long MAX_MEMORY_BYTES = 256L << 20;

    private final PixelLoader loader;
    private final Learner learner;
    private final Path temporary;
    private final long maxMemoryBytes;
    private final Map<String, FeatureTable> tables = new HashMap<>();

    public FeatureCache(PixelLoader loader, Learner learner, Path temporary, long maxMemoryBytes) {
        this.loader = loader;
        this.learner = learner;
        this.temporary = temporary;
        this.maxMemoryBytes = maxMemoryBytes;
    }

    /** Told of each batch whose features were computed, before the next one is. */
    @FunctionalInterface
    public interface Watcher {
        void computed(int batch, int batches, int images);
    }

    /** Returns the table of that name, computing it in the sequential pass if it is not there. */
    public FeatureTable table(String name, Pass sequential, Watcher watcher) {
        FeatureTable known = tables.get(name);
        if (known != null) {
            return known;
        }
        FeatureTable table = new FeatureTable(learner.featureCount(), memoryLeft(), temporary);
        try {
            fill(table, sequential, watcher);
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

    private void fill(FeatureTable table, Pass pass, Watcher watcher) {
        try (Batches batches = loader.load(pass, 0)) {
            for (int number = 1; batches.hasNext(); number++) {
                try (Batch batch = batches.next()) {
                    ByteBuffer features = learner.features(batch);
                    table.append(features);
                    watcher.computed(number, pass.batches(), batch.labels().length);
                }
            }
        }
    }

    @Override
    public void close() {
        tables.values().forEach(FeatureTable::close);
        tables.clear();
    }
}
