package io.github.finetide.message;

import java.net.URI;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint becomes what {@code model} means from now on. Also written by users, to roll back.
 *
 * @param version {@code <jobId>@<epoch>}
 * @param uri the checkpoint's folder
 * @param digest SHA-256 of its checkpoint.json
 */
public record ModelRelease(
        String model,
        String version,
        URI uri,
        String digest,
        Instant releasedAt,
        @Nullable String reason) implements Event, Input {

    /** Behind a model's name in a record's key: the release is computed beside the one that answers. */
    private static final String SHADOW = "#shadow";

    static final Set<String> SCHEMES = Set.of("file", "s3");

    private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._-]{1,100}@[1-9][0-9]{0,4}");

    public ModelRelease {
        Check.id("model", model);
        checkVersion("version", version);
        Check.uri("uri", uri, SCHEMES);
        Check.sha256("digest", digest);
        releasedAt = Check.time("releasedAt", releasedAt);
    }

    static void checkVersion(String field, String version) {
        Check.require(VERSION.matcher(version).matches(), field, version, "<jobId>@<epoch>");
    }

    /** The version of a job's checkpoint. */
    public static String version(String jobId, int epoch) {
        return jobId + "@" + epoch;
    }

    /** The key under which a release is its model's shadow. */
    public static String shadowKey(String model) {
        return model + SHADOW;
    }

    /** The model whose shadow a record with this key is about; empty where it is about none. */
    public static Optional<String> shadowOf(String key) {
        return key.endsWith(SHADOW) ? Optional.of(key.substring(0, key.length() - SHADOW.length())) : Optional.empty();
    }

    @Override
    public String key() {
        return model;
    }

    @Override
    public String id() {
        return model + "/" + version + "/release/" + releasedAt.toEpochMilli();
    }

    @Override
    public String type() {
        return "io.github.finetide.message.ModelRelease";
    }
}
