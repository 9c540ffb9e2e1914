package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where {@code s3:} URIs may point. A worker's role may often read more than whoever sends jobs and requests, its own
 * store among it, so a bucket must be named, or a folder in it.
 */
final class AllowedBuckets {
    /** No ARN, which would lead to other accounts and regions. */
    static final Pattern BUCKET = Pattern.compile("[A-Za-z0-9._-]{1,255}");

    private static final Pattern DOTS = Pattern.compile("(.*/)?\\.\\.?(/.*)?", Pattern.DOTALL);

    /**
     * A bucket, or a folder in it.
     *
     * @param prefix empty, or ending with a slash
     */
    private record Place(String bucket, String prefix) {
        /** A server that takes keys for paths might leave the folder by "..". */
        boolean holds(String otherBucket, String key) {
            return bucket.equals(otherBucket)
                    && key.startsWith(prefix)
                    && (prefix.isEmpty() || !DOTS.matcher(key).matches());
        }
    }

    private final List<Place> places;

    AllowedBuckets(List<String> entries) {
        places = entries.stream().map(AllowedBuckets::place).toList();
    }

    private static Place place(String entry) {
        String text = entry.strip().replaceFirst("(?i)^s3://", "");
        int slash = text.indexOf('/');
        String bucket = slash < 0 ? text : text.substring(0, slash);
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException("--allow-bucket " + entry + ": not a bucket, or bucket/folder");
        }
        String prefix = slash < 0 ? "" : text.substring(slash + 1);
        return new Place(bucket, prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/");
    }

    /** Refuses what is not named. */
    void check(URI uri) {
        String bucket = String.valueOf(uri.getRawAuthority());
        String key = UriText.key(uri);
        if (places.stream().noneMatch(place -> place.holds(bucket, key))) {
            throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " is not named by an --allow-bucket");
        }
    }
}
