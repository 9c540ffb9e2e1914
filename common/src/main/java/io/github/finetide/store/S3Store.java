package io.github.finetide.store;

import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A store in a bucket. Buckets cannot rename: what is staged is uploaded under a temporary key and copied, within the
 * server, when it is published.
 */
final class S3Store implements Store {
    private final S3Client client;
    private final String bucket;
    private final String prefix;
    private final Path scratch;

    /**
     * A store below a prefix.
     *
     * @param prefix empty, or ending with a slash
     */
    S3Store(S3Client client, String bucket, String prefix, Path scratch) {
        this.client = client;
        this.bucket = bucket;
        this.prefix = prefix;
        this.scratch = scratch;
    }

    @Override
    public URI uri(String key) {
        return UriText.s3(bucket, prefix + key);
    }

    @Override
    public String key(URI uri) {
        String path = "/" + UriText.key(uri);
        boolean inside = "s3".equals(uri.getScheme())
                && bucket.equals(uri.getAuthority())
                && path.startsWith("/" + prefix)
                && path.length() > prefix.length() + 1
                && path.equals(UriText.withoutDots(path)); // its parts become names of local files
        if (!inside) {
            throw new FaultException(ErrorKind.NOT_ALLOWED, uri + " is not in the store " + uri(""));
        }
        return path.substring(prefix.length() + 1).replaceAll("/+$", "");
    }

    @Override
    public List<Entry> list(String folder) {
        return list(folder.isEmpty() ? "" : folder + "/", key -> !Temporaries.isTemporary(key));
    }

    private List<Entry> list(String start, Predicate<String> wanted) {
        return call(start, s3 -> {
            List<Entry> entries = new ArrayList<>();
            for (S3Object object : s3.listObjectsV2Paginator(
                            r -> r.bucket(bucket).prefix(prefix + start))
                    .contents()) {
                String key = object.key().substring(prefix.length());
                if (wanted.test(key)) {
                    entries.add(new Entry(key, object.size(), object.lastModified()));
                }
            }
            entries.sort(Comparator.comparing(Entry::key));
            return entries;
        });
    }

    @Override
    public <T> T read(String key, Reader<T> reader) {
        return call(key, s3 -> {
            try (ResponseInputStream<GetObjectResponse> bytes =
                    s3.getObject(r -> r.bucket(bucket).key(prefix + key))) {
                return reader.read(bytes);
            } catch (IOException failed) {
                throw StoreFaults.of(uri(key), failed);
            }
        });
    }

    @Override
    public Staging stage(String job, String owner) {
        try {
            TemporaryFolder local = TemporaryFolder.create(scratch, Temporaries.name(owner));
            return new S3Staging(this, job + "/" + Temporaries.name(owner) + "/", local);
        } catch (IOException failed) {
            throw StoreFaults.of(scratch, failed);
        }
    }

    /** A copy onto itself: a bucket sets the time itself, and only where something is to change. */
    @Override
    public void touch(String key) {
        call(
                key,
                s3 -> s3.copyObject(r -> r.sourceBucket(bucket)
                        .sourceKey(prefix + key)
                        .destinationBucket(bucket)
                        .destinationKey(prefix + key)
                        .metadataDirective(MetadataDirective.REPLACE)));
    }

    @Override
    public void delete(String key) {
        if (!key.endsWith("/" + CheckpointManifest.NAME)) {
            remove(key + "/" + CheckpointManifest.NAME);
            list(key + "/", any -> true).forEach(entry -> remove(entry.key()));
        }
        remove(key);
    }

    @Override
    public void deleteTemporaries(String job, Runnable proof) {
        List<Entry> found = list(job + "/" + Temporaries.PREFIX, any -> true);
        if (!found.isEmpty()) {
            proof.run();
        }
        found.forEach(entry -> remove(entry.key()));
    }

    /** That something can be written shows when it is: to try would leave an object behind for each look. */
    @Override
    public void probe() {
        var unused = call(
                "", s3 -> s3.listObjectsV2(r -> r.bucket(bucket).prefix(prefix).maxKeys(1)));
    }

    @Override
    public void close() {
        client.close();
    }

    void upload(String key, Path file) {
        call(key, s3 -> s3.putObject(r -> r.bucket(bucket).key(prefix + key), file));
    }

    void copy(String from, String to) {
        call(
                to,
                s3 -> s3.copyObject(r -> r.sourceBucket(bucket)
                        .sourceKey(prefix + from)
                        .destinationBucket(bucket)
                        .destinationKey(prefix + to)));
    }

    void remove(String key) {
        call(key, s3 -> s3.deleteObject(r -> r.bucket(bucket).key(prefix + key)));
    }

    private <T> T call(String key, Function<S3Client, T> request) {
        try {
            return request.apply(client);
        } catch (SdkException failed) {
            throw StoreFaults.of(uri(key), failed);
        }
    }
}
