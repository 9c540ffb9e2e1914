package io.github.finetide.trainer.data;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.features.RowKey;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Fills tables of features: with rows that the store has, and with rows computed here or by others, which the store has
 * from then on. Equal images have one row. Batches are all of one shape, filled up where there are too few images.
 */
public final class FeatureExtraction {
    private final PixelLoader loader;
    private final FeatureNetwork network;
    private final StoredFeatures stored;
    private final FeatureEvents events;
    private final @Nullable FeatureOrder order;

    /** @param order what others are asked for; null where nobody is asked */
    public FeatureExtraction(
            PixelLoader loader,
            FeatureNetwork network,
            FeatureStore store,
            FeatureEvents events,
            @Nullable FeatureOrder order) {
        this.loader = loader;
        this.network = network;
        this.stored = new StoredFeatures(store, network.backbone(), network.columns());
        this.events = events;
        this.order = order;
    }

    int columns() {
        return network.columns();
    }

    /**
     * Puts a row into the table for each image of the pass, under its place in the manifest.
     *
     * @return SHA-256 of each shard that was written
     */
    List<String> fill(FeatureTable table, BatchSampler pass, FeatureCache.Watcher watcher) {
        pass.images().contents().readAll(pass.order(), loader, watcher::passes);
        Map<RowKey, List<Integer>> missing = new LinkedHashMap<>();
        for (int image : pass.order()) {
            missing.computeIfAbsent(key(pass, image), key -> new ArrayList<>()).add(image);
        }
        stored.read(
                List.copyOf(missing.keySet()),
                (key, row) -> MissingRows.put(table, Objects.requireNonNull(missing.remove(key)), row));
        events.found(pass.order().length - missing.size(), missing.size());
        MissingRows rows = new MissingRows(loader, network, stored, events, order, table, pass, missing, watcher);
        try (FeatureHelpers helpers = helpers(rows)) {
            int batch = network.batchSize(pass.images().edge());
            SharedExtraction.of(rows, batch, stored.rowsOfShard(), helpers, InstantSource.system())
                    .run();
        } finally {
            stored.flush();
        }
        stored.trim();
        return stored.written();
    }

    /**
     * Sees to it that the store has a row for each image of the pass, which fit into memory.
     *
     * @return SHA-256 of each shard that was written
     */
    public List<String> store(BatchSampler pass, Path temporary, FeatureCache.Watcher watcher) {
        long bytes = (long) pass.order().length * columns() * Float.BYTES;
        try (FeatureTable table = new FeatureTable(pass.images().size(), columns(), bytes, temporary)) {
            return fill(table, pass, watcher);
        }
    }

    private FeatureHelpers helpers(MissingRows rows) {
        boolean isOneBatch = rows.all().size() <= network.mostImages();
        return order == null || isOneBatch || stored.isOff()
                ? FeatureHelpers.NONE
                : order.helpers().open();
    }

    static RowKey key(BatchSampler pass, int image) {
        ImageSet images = pass.images();
        return RowKey.of(images.contents().of(image), images.preparation(pass.epoch()));
    }
}
