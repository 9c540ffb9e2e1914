package io.github.finetide.tracing;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FailureSummary;
import io.github.finetide.message.FaultException;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A worker's way to OpenTelemetry, set up by the standard {@code OTEL_*} variables. Spans are sent by the SDK's own thread,
 * from a bounded queue: a collector that is away holds up nothing.
 *
 * <p>See RATIONALE.md, Why are spans made after the work?
 */
public final class Tracing implements AutoCloseable {
    /** Makes no spans. */
    public static final Tracing OFF = new Tracing(null);

    private static final String SCOPE = "io.github.finetide";

    /** Unless the variables say otherwise: only traces, by the protocol that Java's own client speaks. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "otel.exporter.otlp.protocol", "http/protobuf",
            "otel.metrics.exporter", "none",
            "otel.logs.exporter", "none");

    /** For what is still to be sent when the worker stops. */
    private static final int CLOSE_SECONDS = 2;

    private final @Nullable OpenTelemetrySdk sdk;

    private Tracing(@Nullable OpenTelemetrySdk sdk) {
        this.sdk = sdk;
    }

    /**
     * Sets OpenTelemetry up.
     *
     * @param service what {@code OTEL_SERVICE_NAME} is where it is not set
     * @throws FaultException INVALID where the variables ask for what there is not
     */
    public static Tracing open(String service) {
        return open(service, Map.of());
    }

    /** The same with settings that no variable can change, as {@code otel.exporter.otlp.endpoint}. */
    public static Tracing open(String service, Map<String, String> fixed) {
        try {
            return new Tracing(AutoConfiguredOpenTelemetrySdk.builder()
                    .addPropertiesSupplier(() -> DEFAULTS)
                    .addPropertiesSupplier(() -> Map.of("otel.service.name", service))
                    .addPropertiesCustomizer(settings -> fixed)
                    .disableShutdownHook()
                    .build()
                    .getOpenTelemetrySdk());
        } catch (RuntimeException wrong) {
            throw new FaultException(
                    ErrorKind.INVALID, "--otel: OpenTelemetry cannot be set up: " + FailureSummary.of(wrong), wrong);
        }
    }

    public boolean isOn() {
        return sdk != null;
    }

    /**
     * Begins a span for a message, in the trace that its sender's headers name, or in one of its own.
     *
     * @param header the value of the message's header of that name; null where it has none
     */
    public Trace begin(String name, Instant at, Function<String, @Nullable String> header) {
        OpenTelemetrySdk open = sdk;
        if (open == null) {
            return Trace.NONE;
        }
        Context parent = open.getPropagators().getTextMapPropagator().extract(Context.root(), header, new Headers());
        Tracer tracer = open.getTracer(SCOPE);
        Span span = tracer.spanBuilder(name)
                .setParent(parent)
                .setSpanKind(SpanKind.CONSUMER)
                .setStartTimestamp(at)
                .startSpan();
        return new Trace(tracer, span);
    }

    /** Sends what is left, within a limit. */
    @Override
    public void close() {
        if (sdk != null) {
            sdk.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static final class Headers implements TextMapGetter<Function<String, @Nullable String>> {
        @Override
        public Iterable<String> keys(Function<String, @Nullable String> carrier) {
            return List.of(); // no propagator of the standard needs them
        }

        @Override
        public @Nullable String get(@Nullable Function<String, @Nullable String> carrier, String key) {
            return carrier == null ? null : carrier.apply(key);
        }
    }
}
