package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import io.github.finetide.message.UriText;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/** Images from S3 or a server like it, {@code s3://bucket/key}, within {@link AllowedBuckets}. */
final class S3Source implements ImageSources.Source, AutoCloseable {
    private final SourceRules rules;
    private final AllowedBuckets buckets;
    private @Nullable S3Client client;

    S3Source(SourceRules rules) {
        this.rules = rules;
        this.buckets = new AllowedBuckets(rules.allowedBuckets());
    }

    @Override
    public void check(URI uri) {
        key(uri);
        buckets.check(uri);
    }

    @Override
    public byte[] fetch(URI uri, SourceRules.Limit limit) {
        String key = key(uri);
        buckets.check(uri);
        try {
            return client().getObject(
                            request -> request.bucket(uri.getRawAuthority())
                                    .key(key)
                                    .overrideConfiguration(o -> o.apiCallTimeout(limit.time())),
                            ResponseTransformer.unmanaged(
                                    (response, body) -> read(uri, response, body, limit.bytes())));
        } catch (SdkException e) {
            throw fault(uri, e);
        }
    }

    @Override
    public List<String> list(URI folder, SourceRules.Limit limit) {
        checkBucket(folder);
        buckets.check(folder);
        String prefix = UriText.key(folder);
        FolderListing listing = new FolderListing(folder, limit.bytes());
        try {
            client().listObjectsV2Paginator(request -> request.bucket(folder.getRawAuthority())
                            .prefix(prefix)
                            .overrideConfiguration(o -> o.apiCallTimeout(rules.totalTimeout())))
                    .contents()
                    .forEach(object -> listing.add(object.key().substring(prefix.length())));
            return listing.paths();
        } catch (SdkException e) {
            throw fault(folder, e);
        }
    }

    private static String key(URI uri) {
        String key = UriText.key(uri);
        checkBucket(uri);
        if (key.isEmpty()) {
            throw noKey(uri);
        }
        return key;
    }

    private static void checkBucket(URI uri) {
        String bucket = uri.getRawAuthority();
        if (bucket == null || !AllowedBuckets.BUCKET.matcher(bucket).matches()) {
            throw noKey(uri);
        }
    }

    private static FaultException noKey(URI uri) {
        return Faults.of(ErrorKind.INVALID, Faults.shown(uri) + " does not have the form s3://bucket/key");
    }

    private static byte[] read(URI uri, GetObjectResponse response, AbortableInputStream body, long maxBytes)
            throws IOException {
        try (body) {
            Long length = response.contentLength();
            long most = Math.min(length == null ? Long.MAX_VALUE : length, maxBytes);
            // Of the right size at once: collecting would take twice the memory.
            byte[] bytes = length == null ? body.readNBytes((int) most) : new byte[(int) most];
            int read = length == null ? bytes.length : body.readNBytes(bytes, 0, bytes.length);
            if (body.read() >= 0) {
                body.abort(); // closing would read the rest
                throw Faults.moreThan(uri, maxBytes);
            }
            if (read < bytes.length) {
                throw Faults.of(ErrorKind.UNAVAILABLE, Faults.shown(uri) + ": S3 broke off");
            }
            return bytes;
        }
    }

    private static FaultException fault(URI uri, SdkException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof FaultException fault) {
                return fault;
            }
        }
        return Faults.of(S3Faults.kind(e), Faults.shown(uri) + ": " + S3Faults.text(e), e);
    }

    private synchronized S3Client client() {
        if (client == null) {
            client = S3Clients.open(rules.totalTimeout()); // only now: most workers never see an s3: URI
        }
        return client;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
