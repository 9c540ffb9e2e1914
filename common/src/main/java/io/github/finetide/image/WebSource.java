package io.github.finetide.image;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Images from web servers. Redirects are followed here, not by the client, because each is checked again. The time limit
 * is one for the whole attempt, so a server that sends a byte a second gains nothing.
 */
final class WebSource implements ImageFetcher {
    private static final int MAX_REDIRECTS = 5; // image hosts use one or two

    private final AllowedHosts hosts;
    private final SourceRules rules;
    private final HttpClient client;

    WebSource(SourceRules rules) {
        this.hosts = new AllowedHosts(rules.allowedHosts());
        this.rules = rules;
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(rules.connectTimeout())
                .build();
    }

    @Override
    public void check(URI uri) {
        hosts.check(uri);
        if (uri.getRawUserInfo() != null) {
            throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " holds a user name or password");
        }
    }

    @Override
    public byte[] fetch(URI uri) {
        long end = System.nanoTime() + rules.totalTimeout().toNanos();
        URI at = uri;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            check(at);
            hosts.checkAddresses(at);
            HttpResponse<byte[]> response = ask(at, end - System.nanoTime());
            // The client looked the name up itself; what it found is still in the JVM's cache. See RATIONALE.md.
            hosts.checkAddresses(at);
            URI next = target(at, response);
            if (next == null) {
                return response.body();
            }
            at = next;
        }
        throw Faults.of(ErrorKind.NOT_FOUND, Faults.shown(uri) + " leads through more than 5 redirects");
    }

    private HttpResponse<byte[]> ask(URI uri, long nanos) {
        CompletableFuture<HttpResponse<byte[]>> answer = null;
        try {
            Duration left = Duration.ofNanos(Math.max(nanos, 1));
            HttpRequest request = HttpRequest.newBuilder(uri)
                    .timeout(left)
                    .header("Accept", "image/*, */*;q=0.1")
                    .header("User-Agent", "finetide")
                    .build();
            answer = client.sendAsync(request, info -> LimitedBody.of(uri, info, rules.maxBytes()));
            return answer.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw Faults.of(ErrorKind.UNAVAILABLE, Faults.shown(uri) + " took longer than " + rules.totalTimeout(), e);
        } catch (ExecutionException e) {
            throw fault(uri, e.getCause());
        } catch (IllegalArgumentException e) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(uri) + " cannot be asked for", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Faults.of(ErrorKind.UNAVAILABLE, Faults.shown(uri) + ": stopped while waiting for it", e);
        } finally {
            if (answer != null) {
                answer.cancel(true); // nothing once it is complete; otherwise it closes the connection
            }
        }
    }

    private static FaultException fault(URI uri, @Nullable Throwable cause) {
        for (Throwable t = cause; t != null; t = t.getCause()) {
            if (t instanceof FaultException fault) {
                return fault;
            }
        }
        String why = cause instanceof HttpTimeoutException ? "did not answer in time" : "broke off";
        if (cause instanceof java.net.ConnectException) {
            why = "could not be reached";
        } else if (!(cause instanceof IOException) && cause != null) {
            why = cause.getClass().getSimpleName();
        }
        String message = Faults.shown(uri) + ": the host " + why;
        return cause == null
                ? Faults.of(ErrorKind.UNAVAILABLE, message)
                : Faults.of(ErrorKind.UNAVAILABLE, message, cause);
    }

    /** Where to go on; null if this is the image. */
    private static @Nullable URI target(URI uri, HttpResponse<byte[]> response) {
        int status = response.statusCode();
        if (status == 200) {
            return null;
        }
        if (status >= 300 && status < 400 && status != 304) {
            return redirect(uri, response.headers().firstValue("Location").orElse(""));
        }
        throw Faults.of(kind(status), Faults.shown(uri) + ": the host answered " + status);
    }

    private static ErrorKind kind(int status) {
        if (status >= 500 || status == 408 || status == 425 || status == 429) {
            return ErrorKind.UNAVAILABLE;
        }
        return status == 401 || status == 403 || status == 407 ? ErrorKind.NOT_ALLOWED : ErrorKind.NOT_FOUND;
    }

    static URI redirect(URI from, String location) {
        URI to;
        try {
            to = from.resolve(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw Faults.of(ErrorKind.NOT_FOUND, Faults.shown(from) + " redirects to what is no URI", e);
        }
        boolean web = "https".equalsIgnoreCase(to.getScheme())
                || ("http".equalsIgnoreCase(to.getScheme()) && "http".equalsIgnoreCase(from.getScheme()));
        if (location.isEmpty() || !web) {
            throw Faults.of(
                    ErrorKind.NOT_ALLOWED, Faults.shown(from) + " redirects to " + Faults.shown(to) + ", not followed");
        }
        return to;
    }
}
