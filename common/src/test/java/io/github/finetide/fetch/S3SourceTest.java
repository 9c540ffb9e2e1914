package io.github.finetide.fetch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
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

    /** Beside each there is another that a path, a query or a fragment would make of it. */
    private static final List<String> KEYS = List.of(
            "k",
            "k#1.jpg",
            "k?1.jpg",
            "d//x.jpg",
            "[1].jpg",
            "a b%20c.jpg",
            "a b c.jpg",
            "100%.jpg",
            "a+b.jpg",
            "a|b.jpg",
            "\u4e2d\u6587 \u00e9.jpg");

    private static S3Proxy server;
    private final S3Source source = source("photos", "nobodys-bucket", "UPPER_case..bucket", "-");

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
            for (String key : KEYS) {
                client.putObject(r -> r.bucket("photos").key(key), RequestBody.fromString(key));
            }
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
        assertThat(fetch("s3://photos/a.png")).hasSize(3);
        assertThat(fetch("s3://photos/folder/two%20words%20%C3%A9.png")).hasSize(4);
    }

    @Test
    void whatWasWrittenIsWhatIsAskedFor() {
        for (String key : KEYS) {
            URI uri = UriText.s3("photos", key);
            assertThat(new String(source.fetch(uri, rules().image()), UTF_8)).isEqualTo(key);
        }
        for (String key : List.of("k#1.jpg", "k?1.jpg", "d//x.jpg", "[1].jpg", "a b c.jpg", "100%.jpg", "a|b.jpg")) {
            assertThat(new String(fetch("s3://photos/" + key), UTF_8)).isEqualTo(key);
        }
    }

    @Test
    void listsWhatIsBelowAFolder() {
        assertThat(list(source, "s3://photos/folder/")).containsExactly("two words \u00e9.png");
        assertThat(list(source, "s3://photos/nothing/")).isEmpty();
        assertThat(source.list(URI.create("s3://photos/"), new SourceRules.Limit(MAX_BYTES, Duration.ofSeconds(5))))
                .contains("a.png", "folder/two words \u00e9.png")
                .containsAll(
                        KEYS.stream().filter(key -> !key.contains("//")).toList()); // which this server keeps as one
        assertThat(refusal(() -> list(source, "s3://others/d/"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(() ->
                        source.list(URI.create("s3://photos/"), new SourceRules.Limit(20, Duration.ofSeconds(5)))))
                .isEqualTo(ErrorKind.TOO_LARGE);
    }

    private static List<String> list(S3Source source, String uri) {
        return source.list(URI.create(uri), new SourceRules.Limit(MAX_BYTES, Duration.ofSeconds(5)));
    }

    @Test
    void onlyNamedBucketsAndFoldersAreRead() {
        S3Source none = source();
        S3Source folder = source("photos/d", "other", "s3://photos/k#1.jpg");
        assertThat(refusal(() -> none.fetch(URI.create("s3://photos/a.png"), rules().image())))
                .isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(folder.fetch(URI.create("s3://photos/d//x.jpg"), rules().image()))
                .hasSize(8);
        for (String uri : List.of(
                "s3://photos/a.png",
                "s3://photos/dx",
                "s3://photos/d",
                "s3://photos/d/../a.png",
                "s3://photos/D/x",
                "s3://photos/d/%2e%2e/a.png",
                "s3://photos2/d/x",
                "s3://phot/d/x")) {
            assertThat(refusal(() -> folder.check(URI.create(uri)))).as(uri).isEqualTo(ErrorKind.NOT_ALLOWED);
        }
        none.close();
        folder.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/", "*", "a b", "arn:aws:s3:::b", "https://b"})
    void whatIsNoBucketIsRefusedAtTheStart(String bucket) {
        assertThatThrownBy(() -> source(bucket))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--allow-bucket");
    }

    @Test
    void whatS3SaysIsTold() {
        assertThatThrownBy(() -> fetch("s3://photos/missing.png")).hasMessageContaining("S3 answered 404 NoSuchKey: ");
        assertThatThrownBy(() -> fetch("s3://nobodys-bucket/a.png")).hasMessageContaining("NoSuchBucket");
        set("another", server.getPort());
        try (S3Source other = source("photos")) {
            assertThatThrownBy(() -> other.fetch(URI.create("s3://photos/a.png"), rules().image()))
                    .hasMessageContaining("S3 answered 403 SignatureDoesNotMatch: ");
        }
    }

    @Test
    void missingCredentialsAreCalledThat() {
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
        System.setProperty("aws.disableEc2Metadata", "true");
        try (S3Source poor = source("photos")) {
            assertThatThrownBy(() -> poor.fetch(URI.create("s3://photos/a.png"), rules().image()))
                    .hasMessageContaining("no AWS credentials were found")
                    .isInstanceOfSatisfying(
                            FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_ALLOWED));
        } finally {
            System.clearProperty("aws.disableEc2Metadata");
        }
    }

    @Test
    void moreThanTheLimitIsTooLarge() {
        assertThat(fetch("s3://photos/fits")).hasSize(1000);
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

    private static S3Source source(String... buckets) {
        return new S3Source(rules(buckets));
    }

    private static SourceRules rules(String... buckets) {
        Duration limit = Duration.ofSeconds(20);
        return new SourceRules(List.of(), List.of(), List.of(buckets), MAX_BYTES, MAX_BYTES, limit, limit);
    }

    private byte[] fetch(String uri) {
        return source.fetch(UriText.of(uri), rules().image());
    }

    private ErrorKind refusal(String uri) {
        return refusal(() -> fetch(uri));
    }

    private static ErrorKind refusal(Runnable action) {
        try {
            action.run();
        } catch (FaultException e) {
            assertThat(e.getMessage()).doesNotContain("secret");
            return e.kind();
        }
        throw new AssertionError("was read");
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
