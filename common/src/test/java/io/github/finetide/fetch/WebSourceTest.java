package io.github.finetide.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a web server that means no good. */
class WebSourceTest {
    private static final long MAX_BYTES = 1000;

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
        assertThat(refusal(() -> hurried.fetch(uri("/silent")))).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(refusal(() -> hurried.fetch(uri("/trickle")))).isEqualTo(ErrorKind.UNAVAILABLE);
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
        return source(Duration.ofSeconds(30), hosts).fetch(uri);
    }

    private static WebSource source(Duration timeout, String... hosts) {
        return new WebSource(new SourceRules(List.of(), List.of(hosts), MAX_BYTES, timeout, timeout));
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
