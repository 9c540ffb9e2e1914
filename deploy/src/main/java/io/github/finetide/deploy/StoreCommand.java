package io.github.finetide.deploy;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.options.OptionTypes;
import io.github.finetide.options.StoreLocation;
import io.github.finetide.options.Verbosity;
import io.github.finetide.store.Store;
import io.github.finetide.store.Stores;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Shows what a store holds, checks features, and trims them. */
@Command(name = "store", description = "Shows what a store holds; checks and trims the features of images in it.")
final class StoreCommand {
    private static final String OWNER = "finetide";
    private static final double MIB = 1 << 20;

    @Option(
            names = "--store",
            paramLabel = "URI",
            converter = StoreLocation.class,
            scope = ScopeType.INHERIT,
            description = "A folder, file: or s3://bucket/prefix (default: ./finetide-store).")
    private URI location = Path.of("finetide-store").toAbsolutePath().toUri();

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Command(name = "usage", description = "How much the store holds: weights, jobs, features of each backbone.")
    int usage() {
        try (Store store = open()) {
            Map<String, Long> bytes = new TreeMap<>();
            for (Store.Entry entry : store.list("")) {
                String top = entry.key().substring(0, Math.max(0, entry.key().indexOf('/')));
                bytes.merge(top.isEmpty() ? entry.key() : top, entry.sizeBytes(), Long::sum);
            }
            Screen screen = Screen.ofProcess();
            bytes.forEach((name, size) -> screen.line("%-60s %10.1f MiB", name, size / MIB));
            for (FeatureStore.Usage usage : features(store).usage()) {
                screen.line(
                        "%-60s %10.1f MiB  %d rows in %d shards, last used %s",
                        "features/" + usage.backbone(),
                        usage.bytes() / MIB,
                        usage.rows(),
                        usage.shards(),
                        usage.lastUsed());
            }
        }
        return 0;
    }

    @Command(name = "verify", description = "Reads all features, removes what is damaged, and mends indexes.")
    int verify() {
        try (Store store = open()) {
            FeatureStore.Verification verified = features(store).verify();
            Screen screen = Screen.ofProcess();
            verified.removed().forEach(shard -> screen.line("damaged, removed: %s", shard));
            verified.mended().forEach(shard -> screen.line("index mended: %s", shard));
            screen.line(
                    "%d shards of features: %d damaged and removed, %d with a new index",
                    verified.shards(),
                    verified.removed().size(),
                    verified.mended().size());
            return verified.removed().isEmpty() ? 0 : 1;
        }
    }

    @Command(
            name = "prune",
            description = "Removes features, those used longest ago first, and what killed workers left of them.")
    int prune(
            @Option(
                            names = "--feature-store-limit",
                            paramLabel = "SIZE",
                            converter = OptionTypes.Size.class,
                            required = true,
                            description = "What may stay, such as 10g; 0 removes all.")
                    long limit) {
        try (Store store = open()) {
            long removed = features(store).prune(limit);
            store.deleteTemporaries(FeatureStore.FOLDER, () -> {}); // shards have no owner
            Screen.ofProcess().line("Removed %.1f MiB of features", removed / MIB);
        }
        return 0;
    }

    /** A store is not made by looking at it. */
    private Store open() {
        boolean missing = "file".equals(location.getScheme())
                && !Path.of(location).toFile().isDirectory();
        if (missing) {
            throw new CommandFailure("there is no store " + location + ": --store names another");
        }
        return Stores.open(location, Path.of(System.getProperty("java.io.tmpdir")));
    }

    private static FeatureStore features(Store store) {
        return new FeatureStore(store, OWNER, FeatureStore.DEFAULT_MAX_BYTES);
    }
}
