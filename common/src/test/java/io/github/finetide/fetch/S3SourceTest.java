package io.github.finetide.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** Against an S3 server that is not ours, found as any S3 client finds it: by the standard settings. */
class S3SourceTest {
    private static final long MAX_BYTES = 1000;

    private static S3Proxy server;
    private final S3Source source = source();

    @SuppressWarnings("NullAway.Init")
    S3SourceTest() {}

    @BeforeAll
    static void start() throws Exception {
        server = S3Proxy.builder()
                .blobStore(new TransientNio2BlobStore())
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        set("secret", server.getPort());
        // One that tries again: an upload finds out late that the server has closed its idle connection.
        try (S3Client client = S3Clients.openForLargeFiles(Duration.ofSeconds(20))) {
            client.createBucket(r -> r.bucket("photos"));
            Map.of("a.png", 3, "folder/two words \u00e9.png", 4, "fits", 1000, "large", 1001)
                    .forEach((key, bytes) ->
                            client.putObject(r -> r.bucket("photos").key(key), RequestBody.fromBytes(new byte[bytes])));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.stop();
        settings("", 0).keySet().forEach(System::clearProperty);
    }

    @BeforeEach
    void settings() {
        set("secret", server.getPort());
    }

    @AfterEach
    void close() {
        source.close();
    }

    @Test
    void readsAnObject() {
        assertThat(source.fetch(URI.create("s3://photos/a.png"))).hasSize(3);
        assertThat(source.fetch(URI.create("s3://photos/folder/two%20words%20%C3%A9.png")))
                .hasSize(4);
    }

    @Test
    void moreThanTheLimitIsTooLarge() {
        assertThat(source.fetch(URI.create("s3://photos/fits"))).hasSize(1000);
        assertThat(refusal("s3://photos/large")).isEqualTo(ErrorKind.TOO_LARGE);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(refusal("s3://photos/missing.png")).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(refusal("s3://nobodys-bucket/a.png")).isEqualTo(ErrorKind.NOT_FOUND);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"s3://photos", "s3://photos/", "s3:///a.png", "s3://user:secret@photos/a.png", "s3:photos/a"})
    void whatNamesNoObjectIsInvalid(String uri) {
        assertThat(refusal(uri)).isEqualTo(ErrorKind.INVALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://UPPER_case..bucket/a.png", "s3://arn:aws:s3:us-east-1:1:bucket/a.png", "s3://-/a"})
    void strangeBucketsAreNotTriedAgain(String uri) {
        assertThat(refusal(uri)).isIn(ErrorKind.INVALID, ErrorKind.NOT_FOUND, ErrorKind.NOT_ALLOWED);
    }

    @Test
    void wrongCredentialsAreNotAllowed() {
        set("another", server.getPort());

        assertThat(refusal("s3://photos/a.png")).isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @Test
    void serverThatIsAwayIsUnavailable() {
        set("secret", 1);

        assertThat(refusal("s3://photos/a.png")).isEqualTo(ErrorKind.UNAVAILABLE);
    }

    private static S3Source source() {
        Duration limit = Duration.ofSeconds(20);
        return new S3Source(new SourceRules(List.of(), List.of(), MAX_BYTES, limit, limit));
    }

    private ErrorKind refusal(String uri) {
        try {
            source.fetch(URI.create(uri));
        } catch (FaultException e) {
            assertThat(e.getMessage()).doesNotContain("secret");
            return e.kind();
        }
        throw new AssertionError(uri + " was read");
    }

    private static void set(String secret, int port) {
        settings(secret, port).forEach(System::setProperty);
    }

    private static Map<String, String> settings(String secret, int port) {
        return Map.of(
                "aws.endpointUrlS3",
                "http://127.0.0.1:" + port,
                "aws.region",
                "us-east-1",
                "aws.accessKeyId",
                "key",
                "aws.secretAccessKey",
                secret);
    }
}
