package io.github.finetide.tracing;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The span of a piece of work under way, and those of its parts. */
public final class Trace {
    /** Of work that is not traced. */
    public static final Trace NONE = new Trace(null, null);

    private final @Nullable Tracer tracer;
    private final @Nullable Span span;

    Trace(@Nullable Tracer tracer, @Nullable Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /** Notes what the work is about. */
    public void set(String attribute, @Nullable String value) {
        if (span != null && value != null) {
            span.setAttribute(attribute, value);
        }
    }

    /** A part that is over. */
    public void part(String name, Instant from, Instant to) {
        part(name, from, to, "", "");
    }

    /** The same with what it is about; an empty attribute is none. */
    public void part(String name, Instant from, Instant to, String attribute, String value) {
        if (tracer == null || span == null) {
            return;
        }
        SpanBuilder builder =
                tracer.spanBuilder(name).setParent(Context.root().with(span)).setStartTimestamp(from);
        if (!attribute.isEmpty()) {
            builder.setAttribute(attribute, value);
        }
        builder.startSpan().end(to);
    }

    /**
     * The work is over.
     *
     * @param error why it failed; null where it did not
     */
    public void end(Instant at, @Nullable String error) {
        if (span != null) {
            if (error != null) {
                span.setStatus(StatusCode.ERROR, error);
            }
            span.end(at);
        }
    }
}
