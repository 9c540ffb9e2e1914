package io.github.finetide.network.weights;

import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Head;
import io.github.finetide.message.Sha256;
import io.github.finetide.message.UriText;
import io.github.finetide.network.RandomWeights;
import io.github.finetide.tensor.ReadWeights;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns the {@code weights} field of a job into tensors. Safe for several threads and processes. */
public final class StartingWeights {
    private static final Pattern RANDOM = Pattern.compile("random:(-?[0-9]{1,18})");

    /** Part of the name of cached random weights: changes when their recipe does. */
    private static final String RANDOM_RECIPE = "1";

    /** What earlier versions wrote beside the weights. */
    private static final String MERGED = "merged*.part";

    private final WeightsCache cache;
    private final WeightsFetch fetch;
    private final WeightsFetch published;

    /**
     * Resolves into a cache.
     *
     * @param cache folder for downloads and canonical files, shared by processes
     * @param fetch for the URIs jobs name
     */
    public StartingWeights(Path cache, WeightsFetch fetch) {
        this(cache, fetch, new HttpWeightsFetch());
    }

    StartingWeights(Path cache, WeightsFetch fetch, WeightsFetch published) {
        this.cache = new WeightsCache(cache);
        this.fetch = fetch;
        this.published = published;
    }

    /**
     * Finds, converts and checks the weights. A head the source has is kept, whatever its number of
     * classes; random weights have none.
     *
     * @param weights {@code IMAGENET1K_V2}, {@code random:<seed>}, or a URI of a {@code .safetensors} or
     *     {@code .pth} file
     * @throws FaultException INVALID if they are not such weights or do not fit the architecture,
     *     UNAVAILABLE if they cannot be had now, and what the {@link WeightsFetch} throws
     */
    public ResolvedWeights resolve(String weights, Architecture architecture) {
        return resolve(weights, architecture, Head.PRETRAINED);
    }

    /**
     * As {@link #resolve(String, Architecture)}; with a new head, a named file's own may have any shape, name or
     * values and is left out, as is all else beside the backbone.
     */
    public ResolvedWeights resolve(String weights, Architecture architecture, Head head) {
        Matcher random = RANDOM.matcher(weights);
        if (weights.equals(PublishedWeights.NAME)) {
            return published(architecture);
        }
        if (random.matches()) {
            return random(architecture, Long.parseLong(random.group(1)));
        }
        return named(uri(weights), architecture, head);
    }

    /** Keeps weights that were made here, under the name of their content. */
    public ResolvedWeights keep(StateDict weights) {
        return cache.alone(() -> cache.put(weights));
    }

    /** Removes what workers that were killed left half written in a cache. */
    public static void removeLeftovers(Path cache) {
        TemporaryFolder.removeAbandoned(cache, WeightsCache.PART);
        TemporaryFolder.removeAbandoned(cache, MERGED);
    }

    private static URI uri(String weights) {
        try {
            if (weights.matches("(?s)(file|https?|s3):.*")) {
                return UriText.lenient(weights);
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw FaultException.invalid("weights", weights, "IMAGENET1K_V2, random:<seed>, or a file:, https: or s3: URI");
    }

    private ResolvedWeights random(Architecture architecture, long seed) {
        String source = "random-%s-%d-%s".formatted(RANDOM_RECIPE, seed, architecture.wire());
        return cache.alone(() -> {
            Optional<ResolvedWeights> known = cache.noted(source);
            return known.isPresent() ? known.get() : noted(source, RandomWeights.draw(architecture, seed));
        });
    }

    private ResolvedWeights noted(String source, StateDict weights) throws IOException {
        ResolvedWeights resolved = cache.put(weights);
        cache.note(source, resolved);
        return resolved;
    }

    private ResolvedWeights published(Architecture architecture) {
        if (architecture == Architecture.CNN) {
            throw FaultException.invalid("weights", PublishedWeights.NAME, "for the cnn, random:<seed> or a URI");
        }
        PublishedWeights weights = PublishedWeights.of(architecture);
        return cache.alone(() -> {
            Optional<ResolvedWeights> known = cache.noted(weights.file());
            return known.isPresent()
                    ? known.get()
                    : noted(
                            weights.file(),
                            WeightsFile.canonical(architecture, Head.PRETRAINED, downloaded(weights), weights.file())
                                    .dict());
        });
    }

    /** Returns the published file, downloaded now or before, its hash checked either way. */
    private Path downloaded(PublishedWeights weights) throws IOException {
        Path file = cache.file(weights.file());
        if (Files.isRegularFile(file) && Sha256.hex(file).startsWith(weights.sha256Prefix())) {
            return file;
        }
        Path part = cache.temporary();
        try {
            fetchPublished(weights, part);
            String sha256 = Sha256.hex(part);
            if (!sha256.startsWith(weights.sha256Prefix())) {
                throw new FaultException(
                        ErrorKind.UNAVAILABLE,
                        "%s arrived damaged: its SHA-256 is %s, not %s..."
                                .formatted(weights.source(), sha256, weights.sha256Prefix()));
            }
            return Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void fetchPublished(PublishedWeights weights, Path part) {
        try {
            published.fetch(weights.source(), part);
        } catch (FaultException failed) {
            throw new FaultException(
                    failed.kind(),
                    "weights %s: %s; put the file into the weights cache as %s, or name other weights"
                            .formatted(PublishedWeights.NAME, failed.getMessage(), cache.file(weights.file())),
                    failed);
        }
    }

    private ResolvedWeights named(URI source, Architecture architecture, Head head) {
        return cache.alone(() -> {
            Path part = cache.temporary();
            try {
                fetch.fetch(source, part);
                ReadWeights read = WeightsFile.canonical(architecture, head, part, shown(source));
                return cache.put(read.dict()).warning(read.warnings());
            } finally {
                Files.deleteIfExists(part);
            }
        });
    }

    /** Without a query, which may hold a signature. */
    private static String shown(URI source) {
        String text = source.toString();
        return source.getRawQuery() == null ? text : text.substring(0, text.indexOf('?'));
    }
}
