package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
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
 *
 * <p>See RATIONALE.md, Why is a web server asked by its address?
 */
final class WebSource implements ImageSources.Source {
    private static final int MAX_REDIRECTS = 5; // image hosts use one or two

    /** For a host to begin to answer: one that never does is known for away sooner. */
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

    private static final boolean HOST_CAN_BE_SET = hostCanBeSet();

    private final AllowedHosts hosts;
    private final HttpClient client;

    WebSource(SourceRules rules) {
        this.hosts = new AllowedHosts(rules.allowedHosts());
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(rules.connectTimeout())
                .build();
    }

    @Override
    public void check(URI uri) {
        hosts.check(uri);
        if (WebAddress.hasUser(uri)) {
            throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " holds a user name or password");
        }
    }

    @Override
    public byte[] fetch(URI uri, SourceRules.Limit limit) {
        long end = System.nanoTime() + limit.time().toNanos();
        URI at = uri;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            check(at);
            InetAddress address = hosts.checkedAddress(at);
            URI pinned = pinned(at, address);
            HttpResponse<byte[]> response = ask(at, pinned, end - System.nanoTime(), limit);
            if (pinned.getHost().equals(WebAddress.host(at))) {
                hosts.checkedAddress(at); // the client looked the name up itself: what it found is in the JVM's cache
            }
            URI next = target(at, response);
            if (next == null) {
                return ContentCoding.decoded(at, response, limit.bytes());
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
        String port = WebAddress.port(uri) < 0 ? "" : ":" + WebAddress.port(uri);
        if (!HOST_CAN_BE_SET || !"http".equalsIgnoreCase(uri.getScheme())) {
            return asked(uri, uri.getScheme() + "://" + WebAddress.host(uri) + port + WebAddress.target(uri));
        }
        String literal = address.getHostAddress().replaceFirst("%.*", "");
        String host = address instanceof Inet6Address ? "[" + literal + "]" : literal;
        return asked(uri, "http://" + host + port + WebAddress.target(uri));
    }

    private static URI asked(URI uri, String address) {
        URI asked = URI.create(address);
        if (asked.getHost() == null) {
            throw Faults.of(
                    ErrorKind.INVALID,
                    Faults.shown(uri) + ": over https the host " + WebAddress.host(uri) + " cannot be asked, since its"
                            + " name has other characters than letters, digits, hyphens and dots; use another name of"
                            + " it, for a bucket its s3: URI or https://<endpoint>/<bucket>/<key>");
        }
        return asked;
    }

    private HttpResponse<byte[]> ask(URI uri, URI pinned, long nanos, SourceRules.Limit limit) {
        CompletableFuture<HttpResponse<byte[]>> answer = null;
        try {
            Duration left = Duration.ofNanos(Math.max(nanos, 1));
            HttpRequest.Builder request = HttpRequest.newBuilder(pinned)
                    .timeout(left.compareTo(ANSWER_TIMEOUT) < 0 ? left : ANSWER_TIMEOUT)
                    .header("Accept", "image/*, */*;q=0.1")
                    .header("Accept-Encoding", "identity")
                    .header("User-Agent", "finetide");
            if (HOST_CAN_BE_SET) {
                request.header("Host", WebAddress.authority(uri));
            }
            answer = client.sendAsync(request.build(), info -> LimitedBody.of(uri, info, limit.bytes()));
            return answer.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw Faults.of(ErrorKind.UNAVAILABLE, Faults.shown(uri) + " took longer than " + limit.time(), e);
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

    /** The client sets it by itself unless this is allowed; the property is read when the first client is made. */
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
        if (cause != null && TlsFaults.isUntrusted(cause)) {
            String untrusted = Faults.shown(uri) + ": the host is not trusted: " + TlsFaults.reason(cause);
            return Faults.of(ErrorKind.NOT_ALLOWED, untrusted, cause);
        }
        if (cause != null && TlsFaults.isNoTls(cause)) {
            return Faults.of(ErrorKind.NOT_FOUND, Faults.shown(uri) + ": the host does not speak TLS there", cause);
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
        throw new FaultException(
                kind(status),
                Faults.shown(uri) + ": the host answered " + status,
                RetryAfter.of(response.headers().firstValue("Retry-After")));
    }

    private static ErrorKind kind(int status) {
        if (status >= 500 || status == 408 || status == 425 || status == 429) {
            return ErrorKind.UNAVAILABLE;
        }
        return status == 401 || status == 403 || status == 407 ? ErrorKind.NOT_ALLOWED : ErrorKind.NOT_FOUND;
    }

    static URI redirect(URI from, String location) {
        URI to = WebAddress.resolved(from, location);
        boolean web = "https".equalsIgnoreCase(to.getScheme())
                || ("http".equalsIgnoreCase(to.getScheme()) && "http".equalsIgnoreCase(from.getScheme()));
        if (location.isEmpty() || !web) {
            throw Faults.of(
                    ErrorKind.NOT_ALLOWED, Faults.shown(from) + " redirects to " + Faults.shown(to) + ", not followed");
        }
        return to;
    }
}
