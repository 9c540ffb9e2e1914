package io.github.finetide.trainer.data;

import io.github.finetide.features.BackboneFeatures;
import io.github.finetide.features.FeatureStore;
import io.github.finetide.features.RowKey;
import io.github.finetide.message.FaultException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rows that a job shares with others. It saves time and decides nothing: where the store fails the job computes all
 * rows itself, and keeps them to itself.
 */
final class StoredFeatures {
    private static final Logger log = LoggerFactory.getLogger(StoredFeatures.class);

    private final FeatureStore store;
    private final BackboneFeatures rows;
    private final int columns;
    private final List<RowKey> keys = new ArrayList<>();
    private final List<ByteBuffer> pending = new ArrayList<>();
    private final List<String> shards = new ArrayList<>();
    private boolean grown;

    StoredFeatures(FeatureStore store, String backbone, int columns) {
        this.store = store;
        rows = store.backbone(backbone, columns);
        this.columns = columns;
    }

    /** Whether rows are neither kept nor looked for. */
    boolean isOff() {
        return store.isOff();
    }

    int rowsOfShard() {
        return rows.rowsOfShard();
    }

    /** Returns SHA-256 of each shard that was written. */
    List<String> written() {
        return List.copyOf(shards);
    }

    /** Gives the rows that are there. */
    void read(Collection<RowKey> wanted, BiConsumer<RowKey, ByteBuffer> sink) {
        if (!store.isOff()) {
            attempt("read", () -> rows.read(wanted, sink));
        }
    }

    /** Adds a row; libtorch's machines are all little-endian. */
    void add(RowKey key, ByteBuffer row) {
        keys.add(key);
        pending.add(ByteBuffer.allocate(columns * Float.BYTES).put(row).flip());
        if (keys.size() == rows.rowsOfShard()) {
            flush();
        }
    }

    /** Writes what was added. */
    void flush() {
        if (!keys.isEmpty() && !store.isOff()) {
            attempt("written", () -> shards.add(rows.write(keys, together())));
            grown = true;
        }
        keys.clear();
        pending.clear();
    }

    private ByteBuffer together() {
        ByteBuffer all = ByteBuffer.allocate(keys.size() * columns * Float.BYTES);
        pending.forEach(all::put);
        return all.flip();
    }

    /** Brings the store back to its limit, where this made it larger. */
    void trim() {
        if (grown) {
            attempt("trimmed", store::trim);
            grown = false;
        }
    }

    private static void attempt(String what, Runnable work) {
        try {
            work.run();
        } catch (FaultException failed) {
            log.atWarn()
                    .addKeyValue("reason", failed.getMessage())
                    .log("Stored features cannot be " + what + ": the job goes on without");
        }
    }
}
