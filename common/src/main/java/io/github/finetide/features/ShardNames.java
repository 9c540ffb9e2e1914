package io.github.finetide.features;

/** What the files of the store are called: {@code <sha256>.safetensors} and its index {@code <sha256>.keys}. */
final class ShardNames {
    static final String SHARD = ".safetensors";
    static final String INDEX = ".keys";

    private ShardNames() {}

    static String shard(String index) {
        return stem(index) + SHARD;
    }

    static String index(String shard) {
        return stem(shard) + INDEX;
    }

    /** The name without its ending: the same for a shard and its index. */
    static String stem(String key) {
        int dot = key.lastIndexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }

    static String sha256(String key) {
        String stem = stem(key);
        return stem.substring(stem.lastIndexOf('/') + 1);
    }

    /** The folder of the backbone. */
    static String backbone(String key) {
        int from = FeatureStore.FOLDER.length() + 1;
        int to = key.indexOf('/', from);
        return to < 0 ? "" : key.substring(from, to);
    }
}
