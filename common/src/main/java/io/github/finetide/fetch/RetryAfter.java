package io.github.finetide.fetch;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** The header with which a busy host says when to come again: seconds, or a date. */
final class RetryAfter {
    /** A host that asks for more is asked again all the same: somebody waits for the answer. */
    static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(60);

    private RetryAfter() {}

    /** Zero where nothing was asked for. */
    static Duration of(Optional<String> header) {
        Duration asked = header.map(String::strip).map(RetryAfter::parsed).orElse(Duration.ZERO);
        if (asked.isNegative()) {
            return Duration.ZERO;
        }
        return asked.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : asked;
    }

    private static Duration parsed(String text) {
        if (text.matches("[0-9]{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            ZonedDateTime at = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Duration.between(Instant.now(), at.toInstant());
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }
}
