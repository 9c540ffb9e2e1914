package io.github.finetide.trainer.data;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Features computed once, for networks that do not change before the head. They are always computed in
 * the order of the manifest and in batches of the job's size, whatever the order of the pass that needs
 * them: so a resumed job computes the very same ones.
 */
public final class FeatureCache implements AutoCloseable {
    /** 32,768 images of a ResNet; the rest goes to a file. */
    public static final long MAX_MEMORY_BYTES = 256L << 20;

    private final PixelLoader loader;
    private final int featureCount;
    private final Function<Batch, ByteBuffer> network;
    private final Path temporary;
    private final long maxMemoryBytes;
    private final Map<String, FeatureTable> tables = new HashMap<>();

    /**
     * @param featureCount numbers that the network makes of an image
     * @param network the features of a batch, {@code [batch, featureCount]} in fp32
     * @param temporary folder for what does not fit into memory
     */
    public FeatureCache(
            PixelLoader loader,
            int featureCount,
            Function<Batch, ByteBuffer> network,
            Path temporary,
            long maxMemoryBytes) {
        this.loader = loader;
        this.featureCount = featureCount;
        this.network = network;
        this.temporary = temporary;
        this.maxMemoryBytes = maxMemoryBytes;
    }

    /** Told of each batch whose features were computed, before the next one is. */
    @FunctionalInterface
    public interface Watcher {
        void computed(int batch, int batches, int images);
    }

    /** Returns the table of that name, computing it in the sequential pass if it is not there. */
    public FeatureTable table(String name, BatchSampler sequential, Watcher watcher) {
        FeatureTable known = tables.get(name);
        if (known != null) {
            return known;
        }
        FeatureTable table = new FeatureTable(featureCount, memoryLeft(), temporary);
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

    private void fill(FeatureTable table, BatchSampler pass, Watcher watcher) {
        try (Batches batches = loader.load(pass, 0)) {
            for (int number = 1; batches.hasNext(); number++) {
                try (Batch batch = batches.next()) {
                    table.append(network.apply(batch));
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
