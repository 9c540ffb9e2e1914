package io.github.finetide.features;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.store.Store;
import java.util.Set;

/** Reads whole shards and checks them. */
final class Shards {
    private static final Set<ErrorKind> DAMAGE = Set.of(ErrorKind.INVALID, ErrorKind.TOO_LARGE);

    private Shards() {}

    /**
     * Reads a shard. A damaged one is removed: nobody shall read it again.
     *
     * @throws FaultException INVALID or TOO_LARGE where it is damaged, and as {@link Store#read}
     */
    static FeatureShard read(Store store, String key) {
        try {
            byte[] file = store.read(key, bytes -> bytes.readNBytes(FeatureShard.MAX_BYTES + 1));
            if (file.length > FeatureShard.MAX_BYTES) {
                throw new FaultException(ErrorKind.TOO_LARGE, "more than " + FeatureShard.MAX_BYTES + " bytes");
            }
            return FeatureShard.read(ShardNames.sha256(key), file);
        } catch (FaultException unusable) {
            if (DAMAGE.contains(unusable.kind())) {
                delete(store, key);
            }
            throw unusable;
        }
    }

    /** Removes a shard and, first, its index. */
    static void delete(Store store, String key) {
        store.delete(ShardNames.index(key));
        store.delete(ShardNames.shard(key));
    }
}
