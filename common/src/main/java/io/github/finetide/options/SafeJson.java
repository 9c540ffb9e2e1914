package io.github.finetide.options;

import static java.nio.charset.StandardCharsets.UTF_8;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.finetide.message.Redacted;

/** Log lines as JSON, which escapes what would break a line, without signatures. */
public final class SafeJson extends JsonEncoder {
    @Override
    public byte[] encode(ILoggingEvent event) {
        String line = new String(super.encode(event), UTF_8).replace("\\/", "/"); // which it escapes without need
        return Redacted.text(line).getBytes(UTF_8);
    }
}
