package io.github.finetide.options;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration as ISO-8601 ({@code PT1M30S}) or as one number and unit ({@code 20ms}, {@code 30s}, {@code 5m}). */
public final class DurationConverter implements ITypeConverter<Duration> {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,9})(ms|s|m|h)");

    @Override
    public Duration convert(String value) {
        Duration duration = parse(value);
        if (duration.isNegative()) {
            throw refused(value);
        }
        return duration;
    }

    private static Duration parse(String value) {
        Matcher match = SHORT.matcher(value);
        if (!match.matches()) {
            try {
                return Duration.parse(value);
            } catch (DateTimeParseException notIso) {
                throw refused(value);
            }
        }
        long amount = Long.parseLong(match.group(1));
        return switch (match.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    private static TypeConversionException refused(String value) {
        return new TypeConversionException("'" + value + "' is not a duration such as PT30S, 30s or 20ms");
    }
}
