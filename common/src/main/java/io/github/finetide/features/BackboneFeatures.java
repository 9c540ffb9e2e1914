package io.github.finetide.features;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.store.FileEntry;
import io.github.finetide.store.Staging;
import io.github.finetide.store.Store;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows that one backbone computed. An index names rows that a shard may have; whether it has them is seen when the
 * shard is read and its bytes have the digest that is its name.
 */
public final class BackboneFeatures {
    private static final Logger log = LoggerFactory.getLogger(BackboneFeatures.class);

    private final Store store;
    private final String owner;
    private final String folder;
    private final int columns;

    BackboneFeatures(Store store, String owner, String folder, int columns) {
        this.store = store;
        this.owner = owner;
        this.folder = folder;
        this.columns = columns;
    }

    /** Returns how many rows are best written at once. */
    public int rowsOfShard() {
        return FeatureShard.rows(columns);
    }

    /**
     * Looks for rows. Each that is there is given once, as {@code columns} floats, little-endian.
     *
     * @return how many were found
     * @throws FaultException where the store cannot be listed; a shard that cannot be read is as good as not there
     */
    public int read(Collection<RowKey> wanted, BiConsumer<RowKey, ByteBuffer> sink) {
        Set<RowKey> missing = new HashSet<>(wanted);
        int all = missing.size();
        for (Store.Entry entry : store.list(folder)) {
            if (missing.isEmpty()) {
                break;
            }
            if (entry.key().endsWith(ShardNames.INDEX) && mentions(entry.key(), missing)) {
                take(ShardNames.shard(entry.key()), missing, sink);
            }
        }
        return all - missing.size();
    }

    private boolean mentions(String index, Set<RowKey> missing) {
        try {
            byte[] keys = store.read(index, bytes -> bytes.readNBytes(FeatureShard.MAX_ROWS * RowKey.BYTES));
            return FeatureShard.keys(ByteBuffer.wrap(keys)).stream().anyMatch(missing::contains);
        } catch (FaultException unreadable) {
            warn(index, unreadable);
            return false;
        }
    }

    private void take(String key, Set<RowKey> missing, BiConsumer<RowKey, ByteBuffer> sink) {
        FeatureShard shard;
        try {
            shard = Shards.read(store, key);
            if (shard.columns() != columns) {
                throw new FaultException(ErrorKind.INVALID, "its rows have " + shard.columns() + " columns");
            }
            store.touch(key);
        } catch (FaultException unusable) {
            warn(key, unusable);
            return;
        }
        for (int row = 0; row < shard.keys().size(); row++) {
            if (missing.remove(shard.keys().get(row))) {
                sink.accept(shard.keys().get(row), shard.row(row));
            }
        }
    }

    private static void warn(String key, FaultException unusable) {
        log.atWarn()
                .addKeyValue("file", key)
                .addKeyValue("reason", unusable.getMessage())
                .log("Features cannot be read: they are computed again");
    }

    /**
     * Writes rows, as one shard; they are there for all when this returns. Writing the same ones twice, or by two workers
     * at once, does no harm.
     *
     * @param keys of the rows, at most {@link #rowsOfShard}
     * @param rows one after the other, little-endian
     * @return the shard's SHA-256
     * @throws FaultException as {@link Store} does
     */
    public String write(List<RowKey> keys, ByteBuffer rows) {
        FeatureShard shard = new FeatureShard(List.copyOf(keys), columns, rows);
        byte[] index = FeatureShard.index(keys);
        try (Staging staging = store.stage(FeatureStore.FOLDER, owner)) {
            FileEntry written = staging.add("shard", shard::write);
            staging.add("index", file -> Files.write(file, index));
            String key = folder + "/" + written.sha256() + ShardNames.SHARD;
            staging.publishFile("shard", key); // first: an index is looked at alone
            staging.publishFile("index", ShardNames.index(key));
            return written.sha256();
        }
    }
}
