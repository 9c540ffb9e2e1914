package io.github.finetide.trainer;

import io.github.finetide.fetch.ImageSources;
import io.github.finetide.fetch.SourceRules;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.weights.WeightsFetch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Weights files from where images may come from, under the same rules and larger limits. */
final class WeightSources implements WeightsFetch, AutoCloseable {
    private static final long MAX_BYTES = 1L << 30; // four times ResNet152 in fp32; read into memory
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration TOTAL_LIMIT = Duration.ofMinutes(15); // 240 MB at 300 KB a second

    private final ImageSources sources;

    WeightSources(SourceRules rules) {
        sources = new ImageSources(rules.forFiles(MAX_BYTES, CONNECT_LIMIT, TOTAL_LIMIT));
    }

    @Override
    public void fetch(URI source, Path target) {
        byte[] bytes = sources.fetch(source);
        try {
            Files.write(target, bytes);
        } catch (IOException e) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "the weights " + source.getPath() + " cannot be kept: "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }

    @Override
    public void close() {
        sources.close();
    }
}
