package io.github.finetide.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a web server that means no good. */
class WebSourceTest {
    private static final long MAX_BYTES = 1000;
    private static final SourceRules.Limit LIMIT = new SourceRules.Limit(MAX_BYTES, Duration.ofSeconds(30));

    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        on("/image", exchange -> answer(exchange, 200, new byte[] {1, 2, 3}));
        server.start();
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private void on(String path, Handler handler) {
        server.createContext(path, exchange -> {
            try (exchange) {
                handler.handle(exchange);
            }
        });
    }

    @Test
    void readsFromANamedHost() {
        assertThat(fetch(uri("/image"), "127.0.0.1")).containsExactly(1, 2, 3);
        assertThat(fetch(uri("/image"), "127.0.0.1:" + port())).containsExactly(1, 2, 3);
        assertThat(fetch(uri("/image"), "127.0.0.0/8")).containsExactly(1, 2, 3);
        assertThat(fetch(URI.create("http://localhost:" + port() + "/image"), "localhost"))
                .containsExactly(1, 2, 3);
    }

    @Test
    void asksTheAddressThatWasCheckedUnderTheHostsName() throws IOException {
        List<String> asked = new CopyOnWriteArrayList<>();
        on("/host", exchange -> {
            asked.add(exchange.getRequestHeaders().getFirst("Host"));
            answer(exchange, 200, new byte[1]);
        });
        fetch(URI.create("http://localhost:" + port() + "/host"), "localhost");
        assertThat(asked).containsExactly("localhost:" + port());

        InetAddress four = InetAddress.getByAddress("photos.example", new byte[] {8, 8, 4, 4});
        assertThat(WebSource.pinned(URI.create("http://photos.example/a%20b?c=%26"), four))
                .hasToString("http://8.8.4.4/a%20b?c=%26");
        assertThat(WebSource.pinned(URI.create("http://photos.example:81"), InetAddress.getByName("2001:db8::1")))
                .hasToString("http://[2001:db8:0:0:0:0:0:1]:81/");
        assertThat(WebSource.pinned(URI.create("https://photos.example/a"), four))
                .hasToString("https://photos.example/a");
    }

    @Test
    void refusesAHostThatIsNotNamed() {
        assertThat(refusal(uri("/image"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(uri("/image"), "photos.example")).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(uri("/image"), "127.0.0.1:1")).isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "192.168.0.1",
                "172.16.9.9",
                "169.254.169.254",
                "0.0.0.0",
                "100.64.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "::1",
                "fe80::1",
                "fd00::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::"
            })
    void addressesWithinThisNetworkArePrivate(String address) {
        assertThat(AllowedHosts.isPrivate(AddressBlock.address(address))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111"})
    void otherAddressesArePublic(String address) {
        assertThat(AllowedHosts.isPrivate(AddressBlock.address(address))).isFalse();
    }

    @Test
    void aNamedHostThatLeadsToAPrivateAddressIsRefused() {
        AllowedHosts hosts = new AllowedHosts(List.of("ip6-localhost", "8.8.8.8"));

        assertThat(refusal(() -> hosts.checkedAddress(URI.create("http://127.0.0.1/"))))
                .isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @Test
    void redirectsAreFollowedToNamedHosts() {
        on("/moved", exchange -> redirect(exchange, "/image"));

        assertThat(fetch(uri("/moved"), "127.0.0.1")).containsExactly(1, 2, 3);
    }

    @ParameterizedTest
    @CsvSource({
        "http://169.254.169.254/latest/meta-data, NOT_ALLOWED",
        "http://localhost/image, NOT_ALLOWED",
        "http://[::1]/image, NOT_ALLOWED",
        "file:///etc/passwd, NOT_ALLOWED",
        "http://user:secret@127.0.0.1/image, NOT_ALLOWED",
        "::not a uri::, NOT_FOUND",
        "/loop, NOT_FOUND",
    })
    void redirectsElsewhereAreRefused(String target, ErrorKind kind) {
        on("/loop", exchange -> redirect(exchange, target));

        assertThat(refusal(uri("/loop"), "127.0.0.1")).isEqualTo(kind);
    }

    @Test
    void aRedirectDoesNotLeaveEncryptionBehind() {
        URI from = URI.create("https://photos.example/a");

        assertThat(WebSource.redirect(from, "/b")).isEqualTo(URI.create("https://photos.example/b"));
        assertThat(WebSource.redirect(URI.create("http://photos.example/a"), "https://photos.example/b"))
                .isEqualTo(URI.create("https://photos.example/b"));
        assertThat(refusal(() -> WebSource.redirect(from, "http://photos.example/b")))
                .isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @Test
    void aNamedHostThatResolvesToAPrivateAddressIsNotAsked() throws IOException {
        InetAddress self = InetAddress.getLocalHost();
        assumeTrue(AllowedHosts.isPrivate(self), "this machine's name leads to a public address");
        URI uri = URI.create("http://" + self.getHostName() + ":" + port() + "/image");

        assertThat(refusal(uri, self.getHostName())).isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @ParameterizedTest
    @CsvSource({
        "404, NOT_FOUND",
        "410, NOT_FOUND",
        "401, NOT_ALLOWED",
        "403, NOT_ALLOWED",
        "429, UNAVAILABLE",
        "500, UNAVAILABLE",
        "503, UNAVAILABLE"
    })
    void statusesHaveKinds(int status, ErrorKind kind) {
        on("/status", exchange -> answer(exchange, status, new byte[5]));

        assertThat(refusal(uri("/status"), "127.0.0.1")).isEqualTo(kind);
    }

    @Test
    void aBodyLargerThanItMayBeIsBrokenOff() {
        on("/announced", exchange -> answer(exchange, 200, new byte[1001]));
        on("/endless", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            for (OutputStream out = exchange.getResponseBody(); ; ) {
                out.write(new byte[500]); // until the other side hangs up
            }
        });

        assertThat(refusal(uri("/announced"), "127.0.0.1")).isEqualTo(ErrorKind.TOO_LARGE);
        assertThat(refusal(uri("/endless"), "127.0.0.1")).isEqualTo(ErrorKind.TOO_LARGE);
    }

    @Test
    void aSilentOrTricklingServerIsGivenUp() {
        on("/silent", exchange -> await());
        on("/trickle", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            await();
        });

        WebSource hurried = source(Duration.ofMillis(700), "127.0.0.1");
        SourceRules.Limit hurry = new SourceRules.Limit(MAX_BYTES, Duration.ofMillis(700));
        assertThat(refusal(() -> hurried.fetch(uri("/silent"), hurry))).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(refusal(() -> hurried.fetch(uri("/trickle"), hurry))).isEqualTo(ErrorKind.UNAVAILABLE);
    }

    @Test
    void aBodyShorterThanItsLengthIsUnavailable() {
        on("/short", exchange -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(new byte[10]);
        });

        assertThat(refusal(uri("/short"), "127.0.0.1")).isEqualTo(ErrorKind.UNAVAILABLE);
    }

    @Test
    void noServerIsUnavailable() {
        server.stop(0);

        assertThat(refusal(uri("/image"), "127.0.0.1")).isEqualTo(ErrorKind.UNAVAILABLE);
    }

    @Test
    void messagesHoldNoCredentials() {
        URI uri = URI.create("http://user:secret@127.0.0.1:" + port() + "/gone?signature=secret#secret");
        try {
            fetch(uri, "127.0.0.1");
        } catch (FaultException e) {
            assertThat(e).hasMessageNotContaining("secret").hasMessageContaining("/gone");
            return;
        }
        throw new AssertionError("was read");
    }

    @Test
    void redirectsOfEveryKindAreFollowed() {
        List<String> asked = new CopyOnWriteArrayList<>();
        on("/d", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            answer(exchange, 200, new byte[] {1, 2, 3});
        });
        Map<String, String> wanted = new LinkedHashMap<>();
        wanted.put("/d/a b|c.jpg", "/d/a%20b%7Cc.jpg");
        wanted.put("/d/a%20b c.jpg", "/d/a%20b%20c.jpg");
        wanted.put("/d/\u00c3\u00a9.jpg", "/d/%C3%A9.jpg"); // as the client hands the bytes of UTF-8 on
        wanted.put("/d/[1]{2}.jpg?q=\"x\"", "/d/%5B1%5D%7B2%7D.jpg?q=%22x%22");
        wanted.put("../d/./x//y.jpg", "/d/x//y.jpg");
        wanted.put("//127.0.0.1:" + port() + "/d/z", "/d/z");
        wanted.put("/d/100%.jpg", "/d/100%25.jpg");
        wanted.put("/d/f.jpg#frag ment", "/d/f.jpg");
        int number = 0;
        for (Map.Entry<String, String> each : wanted.entrySet()) {
            String from = "/from/" + number++;
            on(from, exchange -> redirect(exchange, each.getKey()));
            assertThat(fetch(uri(from), "127.0.0.1")).as(each.getKey()).containsExactly(1, 2, 3);
        }
        assertThat(asked).containsExactlyElementsOf(wanted.values());
    }

    @Test
    void aRedirectMayNameAQueryAlone() {
        URI from = URI.create("https://h/a/b.jpg?x=1");

        assertThat(WebSource.redirect(from, "?token=1 2")).hasToString("https://h/a/b.jpg?token=1%202");
        assertThat(WebSource.redirect(from, "#f")).hasToString("https://h/a/b.jpg?x=1");
        assertThat(WebSource.redirect(URI.create("https://h"), "x")).hasToString("https://h/x");
        assertThat(WebSource.redirect(URI.create("https://a_b/c/d"), "e")).hasToString("https://a_b/c/e");
        assertThat(WebSource.redirect(from, "\u00e9")).hasToString("https://h/a/%E9");
    }

    @ParameterizedTest
    @CsvSource({
        "http://a_b.example/x, a_b.example",
        "http://A_b.example:81/x, a_b.example",
        "http://b\u00fccher.example/x, xn--bcher-kva.example",
        "http://b%C3%BCcher.example/x, xn--bcher-kva.example",
        "http://XN--BCHER-KVA.example/x, xn--bcher-kva.example",
        "http://photos.example./x, photos.example",
    })
    void hostsWithUnderscoresAndForeignLettersAreHosts(String uri, String host) {
        assertThat(WebAddress.host(URI.create(uri))).isEqualTo(host);
        new AllowedHosts(List.of(host)).check(URI.create(uri));
        new AllowedHosts(List.of("a_b.example", "b\u00fccher.example", "photos.example")).check(URI.create(uri));
        new AllowedHosts(List.of("*.example")).check(URI.create(uri));
    }

    @Test
    void aHostWithAnUnderscoreIsAskedUnderItsName() throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();

        assertThat(WebSource.pinned(URI.create("http://a_b.example:81/x y".replace(' ', '+')), loopback))
                .hasToString("http://127.0.0.1:81/x+y");
        assertThat(WebAddress.authority(URI.create("http://A_b.example:81/x"))).isEqualTo("a_b.example:81");
        assertThat(refusal(() -> source(Duration.ofSeconds(1), "a_b").check(URI.create("http://u:p@a_b/x"))))
                .isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    /** java.net.http takes no such name for a host, and over TLS it cannot be asked by its address. */
    @Test
    void overTlsAHostWithAnUnderscoreIsRefusedWithARemedy() {
        assertThatThrownBy(() -> WebSource.pinned(
                        URI.create("https://my_bucket.s3.amazonaws.com/x"), InetAddress.getLoopbackAddress()))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("over https the host my_bucket.s3.amazonaws.com cannot be asked")
                .hasMessageContaining("use another name of it");
    }

    @Test
    void allHostsBelowADomainAreNamedAtOnce() {
        AllowedHosts hosts = new AllowedHosts(List.of("*.example.com", "*.other.org:8443"));

        hosts.check(URI.create("https://a.example.com/x"));
        hosts.check(URI.create("https://a.b.EXAMPLE.com:444/x"));
        hosts.check(URI.create("https://a.other.org:8443/x"));
        for (String uri : List.of(
                "https://example.com/",
                "https://badexample.com/",
                "https://example.com.evil.org/",
                "https://a.other.org/",
                "https://a.other.org:443/")) {
            assertThat(refusal(() -> hosts.check(URI.create(uri)))).as(uri).isEqualTo(ErrorKind.NOT_ALLOWED);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "*.", "a.*.b", "*a.example", "*.10.0.0.1", "**.example", "h/path", "u@h"})
    void whatNamesNoHostIsRefusedAtTheStart(String entry) {
        assertThatThrownBy(() -> new AllowedHosts(List.of(entry)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--allow-host");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZIP", "deflate", "identity", "deflate, gzip"})
    void whatIsEncodedThoughNobodyAskedIsDecoded(String coding) {
        on("/encoded", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", coding);
            answer(exchange, 200, encoded(new byte[] {1, 2, 3}, coding));
        });

        assertThat(fetch(uri("/encoded"), "127.0.0.1")).containsExactly(1, 2, 3);
    }

    @Test
    void anEncodedBodyHasTheSameLimit() {
        on("/bomb", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            answer(exchange, 200, encoded(new byte[100_000], "gzip"));
        });
        on("/damaged", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            answer(exchange, 200, new byte[] {1, 2, 3});
        });
        on("/brotli", exchange -> {
            exchange.getResponseHeaders().set("Content-Encoding", "br");
            answer(exchange, 200, new byte[] {1, 2, 3});
        });

        assertThat(refusal(uri("/bomb"), "127.0.0.1")).isEqualTo(ErrorKind.TOO_LARGE);
        assertThat(refusal(uri("/damaged"), "127.0.0.1")).isEqualTo(ErrorKind.UNDECODABLE);
        assertThatThrownBy(() -> fetch(uri("/brotli"), "127.0.0.1")).hasMessageContaining("\"br\"");
    }

    @Test
    void oneConnectionOutlivesRedirectsAndRefusals() {
        Set<InetSocketAddress> clients = ConcurrentHashMap.newKeySet();
        on("/hop", exchange -> {
            clients.add(exchange.getRemoteAddress());
            redirect(exchange, "/refused");
        });
        on("/refused", exchange -> {
            clients.add(exchange.getRemoteAddress());
            answer(exchange, 404, new byte[5000]);
        });
        WebSource source = source(Duration.ofSeconds(30), "127.0.0.1");

        for (int i = 0; i < 5; i++) {
            assertThat(refusal(() -> source.fetch(uri("/hop"), LIMIT))).isEqualTo(ErrorKind.NOT_FOUND);
        }
        assertThat(clients).hasSize(1);
    }

    @Test
    void arefusalThatNeverEndsIsStillTold() {
        on("/endless404", exchange -> {
            exchange.sendResponseHeaders(404, 0);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            await();
        });

        assertThat(refusal(uri("/endless404"), "127.0.0.1")).isEqualTo(ErrorKind.NOT_FOUND);
    }

    @ParameterizedTest
    @CsvSource({"7, 7", "0, 0", "99999, 60", "-5, 0", "soon, 0", "'', 0", "'Wed, 21 Oct 2015 07:28:00 GMT', 0"})
    void aHostSaysWhenToComeAgain(String header, long seconds) {
        on("/busy", exchange -> {
            exchange.getResponseHeaders().set("Retry-After", header);
            answer(exchange, 429, new byte[5]);
        });

        assertThatThrownBy(() -> fetch(uri("/busy"), "127.0.0.1"))
                .isInstanceOfSatisfying(
                        FaultException.class,
                        e -> assertThat(e.pause(Duration.ZERO)).isEqualTo(Duration.ofSeconds(seconds)));
    }

    @Test
    void aDateSaysSoToo() {
        String later = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(30));

        assertThat(RetryAfter.of(Optional.of(later))).isBetween(Duration.ofSeconds(20), Duration.ofSeconds(31));
    }

    private static byte[] encoded(byte[] bytes, String codings) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (codings.equals("deflate, gzip")) {
            return encoded(encoded(bytes, "deflate"), "gzip");
        } else if (codings.equals("identity")) {
            return bytes;
        }
        try (OutputStream encoder =
                codings.equals("deflate") ? new DeflaterOutputStream(out) : new GZIPOutputStream(out)) {
            encoder.write(bytes);
        }
        return out.toByteArray();
    }

    private void await() {
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void redirect(HttpExchange exchange, String target) throws IOException {
        exchange.getResponseHeaders().set("Location", target);
        answer(exchange, 302, new byte[3]);
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private int port() {
        return server.getAddress().getPort();
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    private static byte[] fetch(URI uri, String... hosts) {
        return source(Duration.ofSeconds(30), hosts).fetch(uri, LIMIT);
    }

    private static WebSource source(Duration timeout, String... hosts) {
        return new WebSource(
                new SourceRules(List.of(), List.of(hosts), List.of(), MAX_BYTES, MAX_BYTES, timeout, timeout));
    }

    private static ErrorKind refusal(URI uri, String... hosts) {
        return refusal(() -> fetch(uri, hosts));
    }

    private static ErrorKind refusal(Runnable action) {
        try {
            action.run();
        } catch (FaultException e) {
            return e.kind();
        }
        throw new AssertionError("was read");
    }
}
