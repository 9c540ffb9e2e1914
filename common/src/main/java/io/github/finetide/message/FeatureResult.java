package io.github.finetide.message;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a {@link FeatureRequest}. A hint to look into the store, no more.
 *
 * @param shard the file of the store that has the rows computed; absent where there was none to compute
 * @param digest SHA-256 of that file
 * @param rows that are in the store now, computed or found there
 * @param seconds that it took
 * @param error why it cannot be done here; absent where it is done
 */
public record FeatureResult(
        String jobId,
        String part,
        @Nullable String shard,
        @Nullable String digest,
        int rows,
        double seconds,
        String worker,
        @Nullable ErrorDetail error,
        Instant at)
        implements Event {

    public FeatureResult {
        Check.id("jobId", jobId);
        Check.sha256("part", part);
        if (digest != null) {
            Check.sha256("digest", digest);
        }
        Check.range("rows", rows, 0, FeatureRequest.MAX_IMAGES);
        Check.notNegative("seconds", seconds);
        Check.text("worker", worker);
        at = Check.time("at", at);
    }

    @Override
    public String key() {
        return jobId;
    }

    @Override
    public String id() {
        return jobId + "/features/" + part + "/" + worker;
    }

    @Override
    public String type() {
        return "io.github.finetide.message.FeatureResult";
    }
}
