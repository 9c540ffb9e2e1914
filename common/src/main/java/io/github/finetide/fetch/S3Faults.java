package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Shown;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What S3 said, or why nothing could be asked: for images and for the store. */
public final class S3Faults {
    private static final int MAX_CHARS = 300; // S3's own texts have up to 150

    /** Answered with 400, and no better the second time. */
    private static final Set<String> CREDENTIALS = Set.of(
            "ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired", "InvalidAccessKeyId");

    private S3Faults() {}

    /** What failed, by the answer's code or by what the client says. */
    public static ErrorKind kind(SdkException failed) {
        if (failed instanceof AwsServiceException answer && answer.statusCode() > 0) {
            return CREDENTIALS.contains(code(answer)) ? ErrorKind.NOT_ALLOWED : kind(answer.statusCode());
        }
        return lacksCredentials(failed) || TlsFaults.isUntrusted(failed)
                ? ErrorKind.NOT_ALLOWED
                : ErrorKind.UNAVAILABLE;
    }

    private static ErrorKind kind(int status) {
        return switch (status) {
            case 404 -> ErrorKind.NOT_FOUND;
            case 401, 403 -> ErrorKind.NOT_ALLOWED;
            case 408, 409, 429 -> ErrorKind.UNAVAILABLE;
            case 507 -> ErrorKind.NO_SPACE;
            default -> status >= 500 ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID; // a bucket's name, another region
        };
    }

    /** In one line: S3's status, code and text, or what keeps the client from asking. */
    public static String text(SdkException failed) {
        if (failed instanceof AwsServiceException answer && answer.statusCode() > 0) {
            AwsErrorDetails details = answer.awsErrorDetails();
            String message = details == null ? null : details.errorMessage();
            String code = code(answer);
            return "S3 answered " + answer.statusCode()
                    + (code.isEmpty() ? "" : " " + Shown.plain(code))
                    + (message == null || message.isBlank() ? "" : ": " + Shown.plain(message, MAX_CHARS));
        }
        if (lacksCredentials(failed)) {
            return "no AWS credentials were found, in the environment (AWS_ACCESS_KEY_ID), a profile or a role: "
                    + Shown.plain(text(failed.getMessage()), MAX_CHARS);
        }
        return TlsFaults.isUntrusted(failed)
                ? "S3's server is not trusted: " + TlsFaults.reason(failed)
                : "S3 could not be reached: " + Shown.plain(text(failed.getMessage()), MAX_CHARS);
    }

    private static String code(AwsServiceException answer) {
        AwsErrorDetails details = answer.awsErrorDetails();
        return details == null ? "" : text(details.errorCode());
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static boolean lacksCredentials(Throwable failed) {
        String message = text(failed.getMessage());
        return message.contains("Unable to load credentials") || message.contains("AWS credentials");
    }
}
