package io.github.finetide.features;

import io.github.finetide.message.FaultException;
import io.github.finetide.store.Staging;
import io.github.finetide.store.Store;
import java.net.URI;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Features of images, below a store's folder {@code features}:
 *
 * <pre>
 * features/&lt;backbone&gt;/&lt;sha256&gt;.safetensors   rows, named by the SHA-256 of the file's bytes
 * features/&lt;backbone&gt;/&lt;sha256&gt;.keys          the names of its rows, 32 bytes each
 * </pre>
 *
 * A backbone's name stands for everything that decides the bits of a row beside the image. All methods throw {@link
 * FaultException} as {@link Store} does.
 */
public final class FeatureStore {
    /** Features of four million images of a ResNet. */
    public static final long DEFAULT_MAX_BYTES = 32L << 30;

    /** The folder of the store. */
    public static final String FOLDER = "features";

    private final Store store;
    private final String owner;
    private final long maxBytes;

    /**
     * Features in this store.
     *
     * @param owner worker id, part of the names of temporary folders
     * @param maxBytes {@link #trim} leaves no more; 0 where nothing is to be kept
     */
    public FeatureStore(Store store, String owner, long maxBytes) {
        this.store = store;
        this.owner = owner;
        this.maxBytes = maxBytes;
    }

    /** Whether nothing is to be kept, or looked for. */
    public boolean isOff() {
        return maxBytes == 0;
    }

    /** Removes shards until no more bytes are left than the limit. */
    public void trim() {
        long unused = prune(maxBytes);
    }

    /**
     * Opens the rows of a backbone, which need not be there.
     *
     * @param columns floats in a row
     */
    public BackboneFeatures backbone(String name, int columns) {
        return new BackboneFeatures(store, owner, FOLDER + "/" + name, columns);
    }

    /** Returns where a shard of a backbone lies in the store. */
    public static String shard(String backbone, String sha256) {
        return FOLDER + "/" + backbone + "/" + sha256 + ShardNames.SHARD;
    }

    /**
     * What the store has of a backbone.
     *
     * @param rows by the indexes; a row may be in two shards
     * @param lastUsed when a shard was last read or written
     */
    public record Usage(String backbone, int shards, long rows, long bytes, Instant lastUsed) {}

    /** A shard with its index, or what is left of them. */
    private record Item(String stem, long bytes, long rows, Instant used) {
        static Item of(Store.Entry entry) {
            long rows = entry.key().endsWith(ShardNames.INDEX) ? entry.sizeBytes() / RowKey.BYTES : 0;
            return new Item(ShardNames.stem(entry.key()), entry.sizeBytes(), rows, entry.modifiedAt());
        }

        Item with(Item other) {
            Instant later = used.isAfter(other.used) ? used : other.used;
            return new Item(stem, bytes + other.bytes, rows + other.rows, later);
        }
    }

    private List<Item> items() {
        Map<String, Item> items = new HashMap<>();
        store.list(FOLDER).stream().map(Item::of).forEach(item -> items.merge(item.stem(), item, Item::with));
        return items.values().stream()
                .sorted(Comparator.comparing(Item::used).thenComparing(Item::stem))
                .toList();
    }

    /** Returns how much there is, by backbone. */
    public List<Usage> usage() {
        Map<String, Usage> usages = new TreeMap<>();
        for (Item item : items()) {
            String backbone = ShardNames.backbone(item.stem());
            Usage one = new Usage(backbone, 1, item.rows(), item.bytes(), item.used());
            // Items come in the order of their use.
            usages.merge(
                    backbone,
                    one,
                    (a, b) -> new Usage(
                            backbone, a.shards() + 1, a.rows() + b.rows(), a.bytes() + b.bytes(), b.lastUsed()));
        }
        return List.copyOf(usages.values());
    }

    /**
     * What came out of a verification.
     *
     * @param removed damaged shards, which are gone now
     * @param mended shards whose index was lost or damaged, and is there again
     */
    public record Verification(int shards, List<URI> removed, List<URI> mended) {}

    /** Reads every shard, removes the damaged ones, and mends indexes. */
    public Verification verify() {
        List<URI> removed = new ArrayList<>();
        List<URI> mended = new ArrayList<>();
        List<Item> items = items();
        for (Item item : items) {
            String key = ShardNames.shard(item.stem() + ShardNames.INDEX);
            try {
                if (mend(key, Shards.read(store, key))) {
                    mended.add(store.uri(key));
                }
            } catch (FaultException unusable) {
                if (unusable.kind().isTransient()) {
                    throw unusable;
                }
                Shards.delete(store, key); // an index alone
                removed.add(store.uri(key));
            }
        }
        return new Verification(items.size(), removed, mended);
    }

    private boolean mend(String key, FeatureShard shard) {
        byte[] index = FeatureShard.index(shard.keys());
        String indexKey = ShardNames.index(key);
        if (holds(indexKey, index)) {
            return false;
        }
        try (Staging staging = store.stage(FOLDER, owner)) {
            staging.add("index", file -> Files.write(file, index));
            staging.publishFile("index", indexKey);
        }
        return true;
    }

    private boolean holds(String key, byte[] content) {
        try {
            byte[] bytes = store.read(key, stream -> stream.readNBytes(content.length + 1));
            return Arrays.equals(bytes, content);
        } catch (FaultException missing) {
            if (missing.kind().isTransient()) {
                throw missing;
            }
            return false;
        }
    }

    /**
     * Removes shards, those used longest ago first, until no more bytes are left than given. Who reads one of them
     * meanwhile computes its rows again.
     *
     * @return how many bytes went
     */
    public long prune(long maxBytes) {
        List<Item> items = items();
        long all = items.stream().mapToLong(Item::bytes).sum();
        long left = all;
        for (Item item : items) {
            if (left <= maxBytes) {
                break;
            }
            Shards.delete(store, item.stem() + ShardNames.SHARD);
            left -= item.bytes();
        }
        return all - left;
    }
}
