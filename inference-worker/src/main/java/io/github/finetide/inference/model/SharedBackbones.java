package io.github.finetide.inference.model;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Backbones by what their weights are; one is closed with the last head on it. */
final class SharedBackbones {
    private final Map<String, Counted> byKey = new HashMap<>();

    /** One head's part in a backbone. */
    interface Share extends AutoCloseable {
        TorchBackbone backbone();

        /** Whether the backbone was opened for it. */
        boolean isFirst();

        @Override
        void close();
    }

    synchronized Share share(String key, Supplier<TorchBackbone> opener) {
        Counted existing = byKey.get(key);
        Counted counted = existing == null ? new Counted(opener.get()) : existing;
        byKey.put(key, counted);
        counted.shares++;
        return new KeyedShare(key, counted.backbone, existing == null);
    }

    private synchronized void release(String key) {
        Counted counted = byKey.get(key);
        if (counted != null && --counted.shares == 0) {
            byKey.remove(key);
            counted.backbone.close();
        }
    }

    private static final class Counted {
        private final TorchBackbone backbone;
        private int shares;

        Counted(TorchBackbone backbone) {
            this.backbone = backbone;
        }
    }

    private final class KeyedShare implements Share {
        private final String key;
        private final TorchBackbone backbone;
        private final boolean first;

        KeyedShare(String key, TorchBackbone backbone, boolean first) {
            this.key = key;
            this.backbone = backbone;
            this.first = first;
        }

        @Override
        public TorchBackbone backbone() {
            return backbone;
        }

        @Override
        public boolean isFirst() {
            return first;
        }

        @Override
        public void close() {
            release(key);
        }
    }
}
