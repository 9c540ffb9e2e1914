package io.github.finetide.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /metrics} in Prometheus' text format, {@code /health/live} and {@code /health/ready} as JSON: 200 with
 * {@code {"status":"ready","reasons":{}}}, or 503 with the reasons by name of check.
 */
public final class HttpEndpoint implements AutoCloseable {
    /** Enough for scrapers and probes beside connections that send nothing; a page is made in milliseconds. */
    private static final int MAX_THREADS = 8;
    /** A request that has not arrived whole by then is dropped, so that no half-open connection keeps its thread. */
    private static final int MAX_REQUEST_SECONDS = 3;
    /** A reader that has not taken its page by then is dropped. */
    private static final int MAX_RESPONSE_SECONDS = 30;
    /** Requests that may wait for a thread; more are answered by closing their connection. */
    private static final int MAX_WAITING = 32;
    /** Connections the kernel may hold before they are accepted. */
    private static final int BACKLOG = 32;

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
    private static final ObjectMapper JSON = new ObjectMapper();

    static {
        // The JDK's server has no other way to set them, and reads them once.
        limit("sun.net.httpserver.maxReqTime", MAX_REQUEST_SECONDS);
        limit("sun.net.httpserver.maxRspTime", MAX_RESPONSE_SECONDS);
    }

    private final HttpServer server;
    private final ThreadPoolExecutor threads;

    private HttpEndpoint(HttpServer server, ThreadPoolExecutor threads) {
        this.server = server;
        this.threads = threads;
    }

    /**
     * Starts to answer on all addresses.
     *
     * @param port 0 takes a free one
     * @throws UncheckedIOException if the port is taken
     */
    public static HttpEndpoint start(int port, PrometheusMeterRegistry metrics, Health health) {
        HttpServer server = bind(port);
        ThreadPoolExecutor threads = threads();
        server.setExecutor(threads);
        server.createContext("/metrics", exchange -> answer(exchange, "/metrics", () -> metrics(metrics)));
        server.createContext("/health/live", exchange -> answer(exchange, "/health/live", () -> live(health)));
        server.createContext("/health/ready", exchange -> answer(exchange, "/health/ready", () -> ready(health)));
        server.start();
        return new HttpEndpoint(server, threads);
    }

    private static void limit(String property, int seconds) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, Integer.toString(seconds));
        }
    }

    /** The port it answers on. */
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private record Page(int status, String type, String body) {}

    private interface PageSource {
        Page page();
    }

    private static Page metrics(PrometheusMeterRegistry metrics) {
        return new Page(200, PROMETHEUS, metrics.scrape());
    }

    private static Page live(Health health) {
        return health("live", health.notLive());
    }

    private static Page ready(Health health) {
        return health("ready", health.notReady());
    }

    private static Page health(String good, Map<String, String> reasons) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("status", reasons.isEmpty() ? good : "not " + good);
        body.put("reasons", reasons);
        try {
            return new Page(reasons.isEmpty() ? 200 : 503, "application/json", JSON.writeValueAsString(body) + "\n");
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void answer(HttpExchange exchange, String path, PageSource source) throws IOException {
        try (exchange) {
            Page page = page(exchange, path, source);
            byte[] body = page.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", page.type());
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(page.status(), head ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static Page page(HttpExchange exchange, String path, PageSource source) {
        // A context answers for everything below its path, too.
        if (!exchange.getRequestURI().getPath().equals(path)) {
            return text(404, "not found: try /metrics, /health/live or /health/ready");
        }
        if (!exchange.getRequestMethod().equals("GET")
                && !exchange.getRequestMethod().equals("HEAD")) {
            return text(405, "only GET is answered");
        }
        try {
            return source.page();
        } catch (RuntimeException failed) {
            return text(500, "failed: " + failed);
        }
    }

    private static Page text(int status, @Nullable String text) {
        return new Page(status, "text/plain; charset=utf-8", text + "\n");
    }

    private static HttpServer bind(int port) {
        try {
            return HttpServer.create(new InetSocketAddress(port), BACKLOG);
        } catch (IOException taken) {
            throw new UncheckedIOException("cannot listen on port " + port + ": " + taken.getMessage(), taken);
        }
    }

    private static ThreadPoolExecutor threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                MAX_THREADS, MAX_THREADS, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "http");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }
}
