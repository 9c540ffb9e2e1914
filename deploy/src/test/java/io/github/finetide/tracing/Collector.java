package io.github.finetide.tracing;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** Takes OTLP over HTTP as any collector does, and keeps the spans. */
public final class Collector implements AutoCloseable {
    /** A span as it came; ids in hexadecimal, the parent's empty where it has none. */
    public record Received(String trace, String id, String parent, String name, long startNanos, long endNanos) {}

    private final HttpServer server;
    private final List<Received> spans = new CopyOnWriteArrayList<>();

    public Collector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/v1/traces", exchange -> {
            boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
            var body = zipped ? new GZIPInputStream(exchange.getRequestBody()) : exchange.getRequestBody();
            // ExportTraceServiceRequest 1: ResourceSpans 2: ScopeSpans 2: Span
            fields(ByteBuffer.wrap(body.readAllBytes()), (tag, resource) -> {
                if (tag == 1) {
                    fields(resource, (inner, scope) -> {
                        if (inner == 2) {
                            fields(scope, (innermost, span) -> {
                                if (innermost == 2) {
                                    spans.add(span(span));
                                }
                            });
                        }
                    });
                }
            });
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        server.start();
    }

    /** What a worker must be given to send its spans here. */
    public Map<String, String> settings() {
        return Map.of(
                "otel.exporter.otlp.endpoint",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "otel.bsp.schedule.delay",
                "100");
    }

    public List<Received> spans() {
        return List.copyOf(spans);
    }

    private interface FieldReader {
        void read(int tag, ByteBuffer value);
    }

    private static Received span(ByteBuffer bytes) {
        String[] texts = {"", "", "", ""};
        long[] times = new long[2];
        fields(bytes, (tag, value) -> {
            switch (tag) {
                case 1 -> texts[0] = hex(value);
                case 2 -> texts[1] = hex(value);
                case 4 -> texts[2] = hex(value);
                case 5 -> texts[3] = StandardCharsets.UTF_8.decode(value).toString();
                case 7 -> times[0] = value.getLong();
                case 8 -> times[1] = value.getLong();
                default -> {}
            }
        });
        return new Received(texts[0], texts[1], texts[2], texts[3], times[0], times[1]);
    }

    private static String hex(ByteBuffer value) {
        byte[] bytes = new byte[value.remaining()];
        value.get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Protocol buffers: numbers of 4 or 8 bytes and texts or messages with their length; varints are passed over. */
    private static void fields(ByteBuffer bytes, FieldReader reader) {
        while (bytes.hasRemaining()) {
            long key = varint(bytes);
            int length = switch ((int) (key & 7)) {
                case 0 -> {
                    long unused = varint(bytes);
                    yield 0;
                }
                case 1 -> Long.BYTES;
                case 5 -> Integer.BYTES;
                default -> (int) varint(bytes);
            };
            ByteBuffer value = bytes.slice(bytes.position(), length).order(java.nio.ByteOrder.LITTLE_ENDIAN);
            bytes.position(bytes.position() + length);
            reader.read((int) (key >>> 3), value);
        }
    }

    private static long varint(ByteBuffer bytes) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes.get();
            value |= (long) (next & 127) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
