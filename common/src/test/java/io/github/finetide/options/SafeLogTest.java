package io.github.finetide.options;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class SafeLogTest {
    private static LoggingEvent event() {
        LoggerContext context = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent("x", context.getLogger("a"), Level.INFO, "failed: {}", null, new Object[] {
                    "https://h/p?X-Amz-Signature=SECRET\r\nforged line\u2028and\u001b[31m"
                });
        event.setKeyValuePairs(List.of(new KeyValuePair("uri", "https://u:SECRET@h/p?sig=SECRET\n2026 INFO forged")));
        event.setMDCPropertyMap(Map.of());
        return event;
    }

    @Test
    void aLineOfTextStaysOneAndHoldsNoSignature() {
        String line = new SafeMessage().convert(event());

        assertThat(line)
                .isEqualTo(
                        "failed: https://h/p?...  forged line and [31m uri=\"https://...@h/p?... 2026 INFO forged\"");
    }

    @Test
    void soDoesALineOfJson() {
        SafeJson encoder = new SafeJson();
        encoder.start();
        String line = new String(encoder.encode(event()), UTF_8);

        assertThat(line).doesNotContain("SECRET").contains("https://h/p?...");
        assertThat(line.strip().lines()).hasSize(1);
    }
}
