package io.github.finetide.options;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.github.finetide.message.Redacted;
import io.github.finetide.message.Shown;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/** {@code %safe} of log patterns: message and values on one line, whatever others wrote into them, and no signatures. */
public final class SafeMessage extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
        StringBuilder line = new StringBuilder(event.getFormattedMessage());
        List<KeyValuePair> values = event.getKeyValuePairs();
        if (values != null) {
            values.forEach(pair -> line.append(' ')
                    .append(pair.key)
                    .append("=\"")
                    .append(pair.value)
                    .append('"'));
        }
        return Shown.plain(Redacted.text(line.toString()), Integer.MAX_VALUE - 1);
    }
}
