package io.github.finetide.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.features.RowKey;
import io.github.finetide.fetch.S3Clients;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

class S3StoreTest extends CheckpointsContract {
    private static final AtomicInteger BUCKETS = new AtomicInteger();

    private static final S3Proxy SERVER = start();

    @TempDir
    Path scratch;

    private final String bucket = "models-" + BUCKETS.incrementAndGet();
    private final URI location = URI.create("s3://" + bucket + "/fine/tuned/");
    private final S3Client client = client("secret", SERVER.getPort(), 7);

    private static S3Proxy start() {
        try {
            S3Proxy started = S3Proxy.builder()
                    .blobStore(new TransientNio2BlobStore())
                    .endpoint(URI.create("http://127.0.0.1:0"))
                    .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                    .ignoreUnknownHeaders(true)
                    .build();
            started.start();
            return started;
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        SERVER.stop();
    }

    private static S3Client client(String secret, int port, int attempts) {
        return S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(URI.create("http://127.0.0.1:" + port))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", secret)))
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(attempts)
                        .build()))
                .forcePathStyle(true)
                .build();
    }

    @BeforeEach
    void createBucket() {
        client.createBucket(r -> r.bucket(bucket));
    }

    @AfterEach
    void closeClient() {
        client.close();
    }

    @Override
    Store store() {
        return Stores.s3(location, scratch, client);
    }

    @Override
    int damages() {
        return 12;
    }

    @Override
    List<String> everything() {
        return client.listObjectsV2(r -> r.bucket(bucket)).contents().stream()
                .map(S3Object::key)
                .map(key -> key.substring("fine/tuned/".length()))
                .sorted()
                .toList();
    }

    @Override
    void overwrite(String key, byte[] bytes) {
        client.putObject(r -> r.bucket(bucket).key("fine/tuned/" + key), RequestBody.fromBytes(bytes));
    }

    @Override
    byte[] bytes(String key) {
        return client.getObjectAsBytes(r -> r.bucket(bucket).key("fine/tuned/" + key))
                .asByteArray();
    }

    /** Objects are renamed one by one: owners that nothing fences may mix, and no more than that. */
    @Override
    void assertSomebodysWholeCheckpoint() {
        Newest newest =
                new Checkpoints(store(), "d", new LocalCache(cache, LocalCache.DEFAULT_MAX_BYTES)).newest("job");
        assertThat(newest.checkpoint().isPresent()).isEqualTo(newest.damaged().isEmpty());
        assertThat(everything()).hasSize(4);
    }

    @Test
    void serverThatIsAwayIsUnavailable() throws Exception {
        try (Socket silent = bound();
                S3Client lonely = client("secret", silent.getLocalPort(), 1)) {
            assertKind(() -> Stores.s3(location, scratch, lonely).list("job"), ErrorKind.UNAVAILABLE);
        }
    }

    /** Does not listen: connections to its port are refused, and nobody else gets it. */
    private static Socket bound() throws IOException {
        Socket socket = new Socket();
        socket.bind(null);
        return socket;
    }

    @Test
    void wrongSecretIsNotAllowed() {
        try (S3Client wrong = client("wrong", SERVER.getPort(), 1)) {
            assertKind(() -> Stores.s3(location, scratch, wrong).list("job"), ErrorKind.NOT_ALLOWED);
        }
    }

    @Test
    void missingBucketIsNotFound() {
        Store store = Stores.s3(URI.create("s3://missing/x"), scratch, client);
        assertKind(() -> store.list("job"), ErrorKind.NOT_FOUND);
    }

    private static void assertKind(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorKind kind) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(kind))
                .hasMessageContaining("s3://");
    }

    @Test
    void standardSettingsFindTheServer() {
        Properties before = (Properties) System.getProperties().clone();
        System.setProperty("aws.endpointUrlS3", "http://127.0.0.1:" + SERVER.getPort());
        System.setProperty("aws.accessKeyId", "key");
        System.setProperty("aws.secretAccessKey", "secret");
        try (S3Client standard = S3Clients.openForLargeFiles(Duration.ofSeconds(5))) {
            Store store = Stores.s3(location, scratch, standard);
            overwrite("job/epoch-0001/checkpoint.json", new byte[7]);
            assertThat(store.list("job")).singleElement().satisfies(entry -> {
                assertThat(entry.key()).isEqualTo("job/epoch-0001/checkpoint.json");
                assertThat(entry.sizeBytes()).isEqualTo(7);
            });
        } finally {
            System.setProperties(before);
        }
    }

    @Test
    void featuresAreReadBackPrunedAndTouched() {
        Store store = store();
        FeatureStore features = new FeatureStore(store, "a", FeatureStore.DEFAULT_MAX_BYTES);
        RowKey key = RowKey.of(new byte[32], "");
        ByteBuffer row = ByteBuffer.allocate(8).putFloat(1).putFloat(2).flip();
        features.backbone("resnet", 2).write(List.of(key), row);
        Instant written = features.usage().get(0).lastUsed();

        List<ByteBuffer> found = new ArrayList<>();
        assertThat(features.backbone("resnet", 2).read(List.of(key), (name, bytes) -> found.add(bytes)))
                .isOne();
        assertThat(found).containsExactly(row);
        assertThat(features.usage().get(0).lastUsed()).isAfterOrEqualTo(written);
        assertThat(features.verify().removed()).isEmpty();
        assertThat(features.prune(0)).isPositive();
        assertThat(everything()).isEmpty();
    }
}
