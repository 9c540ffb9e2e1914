package io.github.finetide.fetch;

import java.time.Duration;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * S3 clients from the standard AWS settings of the environment, system properties and profile files: credentials,
 * region, and {@code AWS_ENDPOINT_URL_S3} or {@code AWS_ENDPOINT_URL}, or a profile's {@code endpoint_url}, for any
 * S3-compatible server; see {@link S3Settings}.
 */
public final class S3Clients {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** The JDK keeps five idle connections to a server, all of which that may have closed; an upload finds out late. */
    private static final int MAX_ATTEMPTS = 7;

    private S3Clients() {}

    /**
     * A client that tries once; retries are the caller's.
     *
     * @param totalTimeout for one call, reading the answer included
     */
    public static S3Client open(Duration totalTimeout) {
        return builder(totalTimeout)
                .overrideConfiguration(
                        o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()).apiCallTimeout(totalTimeout))
                .build();
    }

    /**
     * A client for large files: it retries a few times by itself, and has no limit on the whole of a call.
     *
     * @param silence after which a server is taken for gone
     */
    public static S3Client openForLargeFiles(Duration silence) {
        return builder(silence)
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .maxAttempts(MAX_ATTEMPTS)
                        .build()))
                .build();
    }

    private static S3ClientBuilder builder(Duration socketTimeout) {
        S3Settings settings = S3Settings.find();
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(socketTimeout))
                // Servers that only resemble S3 may refuse the newer checksum trailers.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .forcePathStyle(settings.pathStyle());
        builder.region(settings.region());
        return builder;
    }
}
