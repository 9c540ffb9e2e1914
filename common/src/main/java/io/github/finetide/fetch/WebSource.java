package io.github.finetide.fetch;

import io.github.finetide.message.Faults;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
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

    /** For a host to begin to answer: one that never does is known for away sooner. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    private static final boolean HOST_CAN_BE_SET = hostCanBeSet();

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
            InetAddress address = hosts.checkedAddress(at);
            URI pinned = pinned(at, address);
            HttpResponse<byte[]> response = ask(at, pinned, end - System.nanoTime());
            if (pinned.equals(at)) {
                hosts.checkedAddress(at); // the client looked the name up itself: what it found is in the JVM's cache
            }
            URI next = target(at, response);
            if (next == null) {
                return response.body();
            }
            at = next;
        }
        throw Faults.of(ErrorKind.NOT_FOUND, Faults.shown(uri) + " leads through more than 5 redirects");
    }

    /**
     * The same by the address that was checked, so that no second look-up can lead elsewhere. Over TLS the name stays: a
     * host that it leads to must prove that the name is its own.
     */
    static URI pinned(URI uri, InetAddress address) {
        if (!HOST_CAN_BE_SET || !"http".equalsIgnoreCase(uri.getScheme())) {
            return uri;
        }
        String literal = address.getHostAddress().replaceFirst("%.*", "");
        String host = address instanceof Inet6Address ? "[" + literal + "]" : literal;
        String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return URI.create("http://" + host + port + path + query);
    }

    private HttpResponse<byte[]> ask(URI uri, URI pinned, long nanos) {
        CompletableFuture<HttpResponse<byte[]>> answer = null;
        try {
            Duration left = Duration.ofNanos(Math.max(nanos, 1));
            HttpRequest.Builder request = HttpRequest.newBuilder(pinned)
                    .timeout(left.compareTo(ANSWER_TIMEOUT) < 0 ? left : ANSWER_TIMEOUT)
                    .header("Accept", "image/*, */*;q=0.1")
                    .header("User-Agent", "finetide");
            if (HOST_CAN_BE_SET) {
                request.header("Host", uri.getRawAuthority());
            }
            answer = client.sendAsync(request.build(), info -> LimitedBody.of(uri, info, rules.maxBytes()));
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

    /** The client sets it by itself unless this is allowed, which it is told when the first client is made. */
    private static boolean hostCanBeSet() {
        String property = "jdk.httpclient.allowRestrictedHeaders";
        String others = System.getProperty(property);
        System.setProperty(property, others == null ? "host" : others + ",host");
        try {
            HttpRequest.newBuilder().header("Host", "localhost");
            return true;
        } catch (IllegalArgumentException madeBefore) {
            return false;
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
