package io.github.finetide.network.weights;

import io.github.finetide.fetch.TlsFaults;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Downloads from a web server the project itself names. What a job names goes through its worker's own
 * {@link WeightsFetch}, which knows what is allowed.
 */
final class HttpWeightsFetch implements WeightsFetch {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(20);

    /** ResNet152's 242 MB at 0.3 MB/s. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(15);

    private static final int OK = 200;

    @Override
    public void fetch(URI source, Path target) {
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(Redirect.NORMAL)
                .build();
        HttpRequest request =
                HttpRequest.newBuilder(source).timeout(REQUEST_TIMEOUT).build();
        try {
            HttpResponse<Path> response = client.send(request, BodyHandlers.ofFile(target));
            if (response.statusCode() != OK) {
                throw unavailable(source, "HTTP status " + response.statusCode(), null);
            }
        } catch (IOException failed) {
            if (TlsFaults.isUntrusted(failed)) {
                String message = "%s cannot be downloaded: %s".formatted(source, TlsFaults.reason(failed));
                throw new FaultException(ErrorKind.NOT_ALLOWED, message, failed);
            }
            throw unavailable(source, failed.toString(), failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw unavailable(source, "interrupted", stopped);
        }
    }

    private static FaultException unavailable(URI source, String why, @Nullable Exception cause) {
        String message = "%s cannot be downloaded: %s".formatted(source, why);
        FaultException fault = new FaultException(ErrorKind.UNAVAILABLE, message);
        if (cause != null) {
            fault.initCause(cause);
        }
        return fault;
    }
}
