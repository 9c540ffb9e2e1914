package io.github.finetide.store;

import io.github.finetide.fetch.S3Clients;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import software.amazon.awssdk.services.s3.S3Client;

/** Opens the store that a URI names. */
public final class Stores {
    /** Longest wait for a bucket's next bytes. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private Stores() {}

    /**
     * Opens {@code file:///folder} (made where it is missing) or {@code s3://bucket/prefix}.
     *
     * @param scratch folder for files on their way to a bucket
     * @throws FaultException INVALID for another kind of URI, UNAVAILABLE if the folder cannot be made
     */
    public static Store open(URI uri, Path scratch) {
        String scheme = String.valueOf(uri.getScheme());
        return switch (scheme) {
            case "file" -> FileStore.open(Path.of(uri));
            case "s3" -> s3(uri, scratch, S3Clients.openForLargeFiles(SILENCE));
            default -> throw invalid(uri);
        };
    }

    static Store s3(URI uri, Path scratch, S3Client client) {
        if (uri.getAuthority() == null) {
            throw invalid(uri);
        }
        String prefix = UriText.key(uri).replaceAll("^/+|/+$", "");
        return new S3Store(client, uri.getAuthority(), prefix.isEmpty() ? "" : prefix + "/", scratch);
    }

    private static FaultException invalid(URI uri) {
        return FaultException.invalid("store", uri, "file:///folder or s3://bucket/prefix");
    }
}
