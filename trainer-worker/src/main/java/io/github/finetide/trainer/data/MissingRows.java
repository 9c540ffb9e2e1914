package io.github.finetide.trainer.data;

import io.github.finetide.features.RowKey;
import io.github.finetide.message.FeatureRequest;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The rows that a table still lacks, with the images that they are of. */
final class MissingRows {
    private static final int CHARS_OF_AN_IMAGE = 100; // of JSON, beside its URI

    private final PixelLoader loader;
    private final FeatureNetwork network;
    private final StoredFeatures stored;
    private final FeatureEvents events;
    private final @Nullable FeatureOrder order;
    private final FeatureTable table;
    private final BatchSampler pass;
    private final Map<RowKey, List<Integer>> missing;
    private final FeatureCache.Watcher watcher;
    private final List<RowKey> all;
    private final int batchSize;
    private int batches;
    private boolean shared;

    /** @param missing images by their content; rows that are there are removed */
    MissingRows(
            PixelLoader loader,
            FeatureNetwork network,
            StoredFeatures stored,
            FeatureEvents events,
            @Nullable FeatureOrder order,
            FeatureTable table,
            BatchSampler pass,
            Map<RowKey, List<Integer>> missing,
            FeatureCache.Watcher watcher) {
        this.loader = loader;
        this.network = network;
        this.stored = stored;
        this.events = events;
        this.order = order;
        this.table = table;
        this.pass = pass;
        this.missing = missing;
        this.watcher = watcher;
        all = List.copyOf(missing.keySet());
        batchSize = network.batchSize(pass.images().edge());
    }

    /** Those that were missing at the beginning. */
    List<RowKey> all() {
        return all;
    }

    /** Returns those that are still missing. */
    List<RowKey> among(List<RowKey> rows) {
        return rows.stream().filter(missing::containsKey).toList();
    }

    /** Looks for rows in the store, which others wrote; returns whether all came. */
    boolean read(List<RowKey> rows) {
        List<RowKey> wanted = among(rows);
        int before = missing.size();
        if (!wanted.isEmpty()) {
            stored.read(wanted, (key, row) -> put(table, Objects.requireNonNull(missing.remove(key)), row));
            events.helped(before - missing.size());
        }
        return before - missing.size() == wanted.size();
    }

    /** From now on others look into the store: it has what is computed here at the end of each part. */
    void share() {
        if (!shared) {
            stored.flush();
        }
        shared = true;
    }

    /**
     * Computes rows.
     *
     * @param isDone whether somebody else was faster; asked after each batch
     */
    void compute(List<RowKey> rows, BooleanSupplier isDone) {
        List<RowKey> wanted = among(rows);
        int[] images = wanted.stream().mapToInt(row -> firstImage(row)).toArray();
        BatchSampler full = new BatchSampler(pass.images(), pass.epoch(), filledUp(images), batchSize);
        try (Batches loaded = loader.load(full, 0)) {
            for (int first = 0; loaded.hasNext(); first += batchSize) {
                int last = Math.min(first + batchSize, wanted.size());
                try (Batch batch = loaded.next()) {
                    take(
                            wanted.subList(first, last),
                            images,
                            first,
                            network.compute().apply(batch));
                }
                watcher.computed(++batches, (all.size() + batchSize - 1) / batchSize, last - first);
                if (isDone.getAsBoolean()) {
                    break;
                }
            }
        }
        if (shared) {
            stored.flush();
        }
    }

    private int firstImage(RowKey row) {
        return Objects.requireNonNull(missing.get(row)).get(0);
    }

    /** The last image again until the last batch is full. */
    private int[] filledUp(int[] images) {
        int[] order = new int[(images.length + batchSize - 1) / batchSize * batchSize];
        for (int i = 0; i < order.length; i++) {
            order[i] = images[Math.min(i, images.length - 1)];
        }
        return order;
    }

    private void take(List<RowKey> rows, int[] images, int first, ByteBuffer features) {
        int rowBytes = network.columns() * Float.BYTES;
        int before = missing.size();
        for (int i = 0; i < rows.size(); i++) {
            List<Integer> places = missing.remove(rows.get(i));
            if (places != null) {
                ByteBuffer row = features.slice(i * rowBytes, rowBytes);
                put(table, places, row);
                // By the bytes that were decoded just now: a file may have changed since it was looked at.
                stored.add(FeatureExtraction.key(pass, images[first + i]), row);
            }
        }
        events.computed(before - missing.size());
    }

    static void put(FeatureTable table, List<Integer> images, ByteBuffer row) {
        images.forEach(image -> table.put(image, row.duplicate()));
    }

    /** Asks others for rows. */
    FeatureRequest request(List<RowKey> rows, Instant now, Duration limit) {
        List<Integer> images = rows.stream().map(this::firstImage).toList();
        return Objects.requireNonNull(order).request(network.backbone(), pass, rows, images, now, limit);
    }

    /** About how many characters that takes. */
    long requestChars(List<RowKey> rows) {
        return rows.stream()
                .map(row -> pass.images().manifest().entries().get(firstImage(row)))
                .mapToLong(entry -> entry.image().toString().length() + CHARS_OF_AN_IMAGE)
                .sum();
    }
}
