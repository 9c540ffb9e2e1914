package io.github.finetide.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TracingTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SENDER = "00f067aa0ba902b7";
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05.678Z");

    @Test
    void spansJoinTheSendersTraceAndHaveTheTimesThatTheyAreGiven() throws IOException {
        try (Collector collector = new Collector()) {
            try (Tracing tracing = Tracing.open("test", collector.settings())) {
                Trace trace = tracing.begin(
                        "classify",
                        BEGIN,
                        name -> name.equals("traceparent") ? "00-" + TRACE + "-" + SENDER + "-01" : null);
                trace.part("fetch", BEGIN.plusMillis(1), BEGIN.plusMillis(3));
                trace.end(BEGIN.plusMillis(5), "not_found");
                tracing.begin("alone", BEGIN, name -> null).end(BEGIN, null);
            }
            List<Collector.Received> spans = collector.spans();
            assertThat(spans).extracting(Collector.Received::name).containsExactly("fetch", "classify", "alone");
            Collector.Received fetch = spans.get(0);
            Collector.Received classify = spans.get(1);
            assertThat(classify.trace()).isEqualTo(TRACE);
            assertThat(classify.parent()).isEqualTo(SENDER);
            assertThat(fetch.trace()).isEqualTo(TRACE);
            assertThat(fetch.parent()).isEqualTo(classify.id());
            assertThat(classify.endNanos() - classify.startNanos()).isEqualTo(5_000_000);
            assertThat(fetch.endNanos() - fetch.startNanos()).isEqualTo(2_000_000);
            assertThat(spans.get(2).trace()).isNotEqualTo(TRACE);
            assertThat(spans.get(2).parent()).isEmpty();
        }
    }

    @Test
    void nothingIsMadeWhereItIsOff() {
        Trace none = Tracing.OFF.begin("classify", BEGIN, name -> "00-" + TRACE + "-" + SENDER + "-01");
        none.part("fetch", BEGIN, BEGIN);
        none.end(BEGIN, null);

        assertThat(none).isSameAs(Trace.NONE);
        assertThat(Tracing.OFF.isOn()).isFalse();
    }

    @Test
    void settingThatCannotBeHadIsNamed() {
        assertThatThrownBy(() -> Tracing.open("test", Map.of("otel.exporter.otlp.protocol", "grpc")))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("--otel");
    }
}
