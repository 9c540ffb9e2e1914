package io.github.finetide.trainer.data;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.features.RowKey;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Fills tables of features: with rows that the store has, and with rows computed here, which the store has from then on.
 * Equal images have one row. Batches are all of one shape, filled up where there are too few images.
 */
public final class FeatureExtraction {
    private final PixelLoader loader;
    private final FeatureNetwork network;
    private final StoredFeatures stored;
    private final FeatureEvents events;

    public FeatureExtraction(PixelLoader loader, FeatureNetwork network, FeatureStore store, FeatureEvents events) {
        this.loader = loader;
        this.network = network;
        this.stored = new StoredFeatures(store, network.backbone(), network.columns());
        this.events = events;
    }

    int columns() {
        return network.columns();
    }

    /** Puts a row into the table for each image of the pass, under its place in the manifest. */
    void fill(FeatureTable table, BatchSampler pass, FeatureCache.Watcher watcher) {
        pass.images().contents().readAll(pass.order(), loader, watcher::passes);
        Map<RowKey, List<Integer>> missing = new LinkedHashMap<>();
        for (int image : pass.order()) {
            missing.computeIfAbsent(key(pass, image), key -> new ArrayList<>()).add(image);
        }
        stored.read(
                List.copyOf(missing.keySet()),
                (key, row) -> put(table, Objects.requireNonNull(missing.remove(key)), row));
        events.found(pass.order().length - missing.size(), missing.size());
        try {
            compute(table, pass, List.copyOf(missing.values()), watcher);
        } finally {
            stored.flush();
        }
        stored.trim();
    }

    private static RowKey key(BatchSampler pass, int image) {
        ImageSet images = pass.images();
        return RowKey.of(images.contents().of(image), images.preparation(pass.epoch()));
    }

    private static void put(FeatureTable table, List<Integer> images, ByteBuffer row) {
        images.forEach(image -> table.put(image, row.duplicate()));
    }

    /** @param missing images by their content */
    private void compute(
            FeatureTable table, BatchSampler pass, List<List<Integer>> missing, FeatureCache.Watcher watcher) {
        int size = network.batchSize(pass.images().edge());
        BatchSampler full = new BatchSampler(pass.images(), pass.epoch(), filledUp(missing, size), size);
        try (Batches batches = loader.load(full, 0)) {
            for (int first = 0; batches.hasNext(); first += size) {
                List<List<Integer>> part = missing.subList(first, Math.min(first + size, missing.size()));
                try (Batch batch = batches.next()) {
                    take(table, pass, part, network.compute().apply(batch));
                }
                events.computed(part.size());
                watcher.computed(first / size + 1, full.batches(), part.size());
            }
        }
    }

    /** One image of each content, and the last one again until the last batch is full. */
    private static int[] filledUp(List<List<Integer>> missing, int size) {
        int count = missing.size();
        int[] order = new int[(count + size - 1) / size * size];
        for (int i = 0; i < order.length; i++) {
            order[i] = missing.get(Math.min(i, count - 1)).get(0);
        }
        return order;
    }

    private void take(FeatureTable table, BatchSampler pass, List<List<Integer>> part, ByteBuffer features) {
        int rowBytes = network.columns() * Float.BYTES;
        for (int i = 0; i < part.size(); i++) {
            ByteBuffer row = features.slice(i * rowBytes, rowBytes);
            put(table, part.get(i), row);
            // By the bytes that were decoded just now: a file may have changed since it was looked at.
            stored.add(key(pass, part.get(i).get(0)), row);
        }
    }
}
