package io.github.finetide.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.metrics.Metrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpEndpointTest {
    private final Metrics metrics = new Metrics();
    private final Health health = new Health();
    private final HttpEndpoint endpoint = HttpEndpoint.start(0, metrics.registry(), health);

    @AfterEach
    void close() {
        endpoint.close();
        metrics.close();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path).GET());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void workerWithoutProblemsIsLiveAndReady() throws Exception {
        health.ready("models", () -> null);
        assertThat(get("/health/live").body()).isEqualTo("{\"status\":\"live\",\"reasons\":{}}\n");
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(200);
        assertThat(ready.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(ready.body()).isEqualTo("{\"status\":\"ready\",\"reasons\":{}}\n");
    }

    @Test
    void everyReasonAgainstBeingReadyIsTold() throws Exception {
        health.ready("models", () -> "no \"release\" is loaded");
        health.ready("kafka", () -> "no broker answers");
        health.ready("store", () -> {
            throw new IllegalStateException("odd");
        });
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body())
                .isEqualTo("{\"status\":\"not ready\",\"reasons\":{\"kafka\":\"no broker answers\","
                        + "\"models\":\"no \\\"release\\\" is loaded\","
                        + "\"store\":\"check failed: java.lang.IllegalStateException: odd\"}}\n");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void workerThatIsStillStartingIsNotReady() throws Exception {
        HttpResponse<String> ready = get("/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("still starting");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    /** More than it has threads: it answers again once their time is over. */
    @Test
    void connectionsThatSendHalfARequestBlockNobody() throws Exception {
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
                open.add(socket);
                socket.getOutputStream().write("GET /health/live HTTP/1.1\r\nHost: a".getBytes(US_ASCII));
            }
            assertThat(send(request("/health/live")
                                    .timeout(Duration.ofSeconds(20))
                                    .GET())
                            .statusCode())
                    .isEqualTo(200);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    @Test
    void workerThatDoesNotLiveIsNotReady() throws Exception {
        health.live("loop", () -> "the loop has ended");
        assertThat(get("/health/live").statusCode()).isEqualTo(503);
        assertThat(get("/health/ready").body()).contains("the loop has ended");
    }

    @Test
    void metricsAreInPrometheusFormat() throws Exception {
        HttpResponse<String> page = get("/metrics");
        assertThat(page.headers().firstValue("Content-Type")).contains("text/plain; version=0.0.4; charset=utf-8");
        assertThat(page.body()).contains("# TYPE jvm_threads_live_threads gauge\njvm_threads_live_threads ");
    }

    @Test
    void otherPathsAndMethodsAreRefused() throws Exception {
        assertThat(get("/").statusCode()).isEqualTo(404);
        assertThat(get("/metrics/x").statusCode()).isEqualTo(404);
        assertThat(send(request("/metrics").POST(HttpRequest.BodyPublishers.ofString("x")))
                        .statusCode())
                .isEqualTo(405);
        HttpResponse<String> head = send(request("/health/live").method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void takenPortIsNamed() {
        assertThatThrownBy(() -> HttpEndpoint.start(endpoint.port(), metrics.registry(), health))
                .hasMessageContaining("port " + endpoint.port());
    }
}
