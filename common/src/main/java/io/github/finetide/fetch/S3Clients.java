package io.github.finetide.fetch;

import java.time.Duration;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * S3 clients from the standard AWS settings of the environment, system properties and profile files: credentials,
 * region, and {@code AWS_ENDPOINT_URL_S3} or {@code AWS_ENDPOINT_URL} for any S3-compatible server.
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
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT_TIMEOUT)
                        .socketTimeout(socketTimeout))
                // Servers that only resemble S3 may refuse the newer checksum trailers.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .forcePathStyle(hasOwnEndpoint());
        if (!hasRegion()) {
            builder.region(Region.US_EAST_1); // a server that is not Amazon's has no regions, but must be given one
        }
        return builder;
    }

    /** Servers of one's own rarely have a host name for each bucket. */
    private static boolean hasOwnEndpoint() {
        return Stream.of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL").anyMatch(name -> System.getenv(name) != null)
                || Stream.of("aws.endpointUrlS3", "aws.endpointUrl").anyMatch(name -> System.getProperty(name) != null);
    }

    private static boolean hasRegion() {
        return SdkSystemSetting.AWS_REGION.getStringValue().isPresent()
                || System.getenv("AWS_PROFILE") != null
                || System.getenv("AWS_DEFAULT_REGION") != null;
    }
}
