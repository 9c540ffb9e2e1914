package io.github.finetide.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.image.S3Clients;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

class S3StoreTest extends CheckpointsContract {
    private static final URI STORE = URI.create("s3://models/fine/tuned/");

    @TempDir
    Path scratch;

    private final S3Proxy server = start();
    private final S3Client client = client("secret");

    private static S3Proxy start() {
        try {
            S3Proxy server = S3Proxy.builder()
                    .blobStore(new org.gaul.s3proxy.nio2blob.TransientNio2BlobStore())
                    .endpoint(URI.create("http://127.0.0.1:0"))
                    .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                    .ignoreUnknownHeaders(true)
                    .build();
            server.start();
            return server;
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    private S3Client client(String secret) {
        return S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .endpointOverride(URI.create("http://127.0.0.1:" + server.getPort()))
                .region(Region.US_EAST_1)
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("key", secret)))
                .forcePathStyle(true)
                .build();
    }

    @BeforeEach
    void createBucket() {
        client.createBucket(r -> r.bucket("models"));
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        server.stop();
    }

    @Override
    Store store() {
        return Stores.s3(STORE, scratch, client);
    }

    @Override
    List<String> everything() {
        return client.listObjectsV2(r -> r.bucket("models")).contents().stream()
                .map(S3Object::key)
                .map(key -> key.substring("fine/tuned/".length()))
                .sorted()
                .toList();
    }

    @Override
    void overwrite(String key, byte[] bytes) {
        client.putObject(r -> r.bucket("models").key("fine/tuned/" + key), RequestBody.fromBytes(bytes));
    }

    @Override
    byte[] bytes(String key) {
        return client.getObjectAsBytes(r -> r.bucket("models").key("fine/tuned/" + key))
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
        Store store = store();
        server.stop();
        assertKind(() -> store.list("job"), ErrorKind.UNAVAILABLE);
    }

    @Test
    void wrongSecretIsNotAllowed() {
        try (S3Client wrong = client("wrong")) {
            assertKind(() -> Stores.s3(STORE, scratch, wrong).list("job"), ErrorKind.NOT_ALLOWED);
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
        System.setProperty("aws.endpointUrlS3", "http://127.0.0.1:" + server.getPort());
        System.setProperty("aws.accessKeyId", "key");
        System.setProperty("aws.secretAccessKey", "secret");
        try (S3Client standard = S3Clients.openForLargeFiles(Duration.ofSeconds(5))) {
            Store store = Stores.s3(STORE, scratch, standard);
            overwrite("job/epoch-0001/checkpoint.json", new byte[7]);
            assertThat(store.list("job")).containsExactly(new Store.Entry("job/epoch-0001/checkpoint.json", 7));
        } finally {
            System.setProperties(before);
        }
    }
}
