package io.github.finetide.message;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The rules that fields obey; each throws {@link ErrorKind#INVALID} naming field, value and rule. */
final class Check {
    static final int MAX_TEXT_CHARS = 256; // keys, names and labels: shown in tables and headers

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999Z"); // four digits of year

    private Check() {}

    /** A name that is also a folder name and part of a transactional id. */
    static void id(String field, String value) {
        require(ID.matcher(value).matches() && !isDots(value), field, value, "[A-Za-z0-9._-]{1,100}, not . or ..");
    }

    private static boolean isDots(String value) {
        return value.equals(".") || value.equals("..");
    }

    static void sha256(String field, String value) {
        require(SHA256.matcher(value).matches(), field, value, "64 hexadecimal digits in lower case");
    }

    static void text(String field, String value) {
        boolean ok = !value.isBlank()
                && value.length() <= MAX_TEXT_CHARS
                && value.chars().noneMatch(Character::isISOControl);
        require(ok, field, value, "1 to " + MAX_TEXT_CHARS + " characters, no control characters");
    }

    static void range(String field, long value, long least, long most) {
        require(least <= value && value <= most, field, value, least + " to " + most);
    }

    static void atLeast(String field, long value, long least) {
        require(value >= least, field, value, least + " or more");
    }

    static void range(String field, double value, double least, double most) {
        require(least <= value && value <= most, field, value, least + " to " + most);
    }

    static void fraction(String field, double value) {
        range(field, value, 0, 1);
    }

    static void notNegative(String field, double value) {
        require(value >= 0 && Double.isFinite(value), field, value, "a finite number, 0 or more");
    }

    static void positive(String field, double value) {
        require(value > 0 && Double.isFinite(value), field, value, "a finite number above 0");
    }

    static void finite(String field, double value) {
        require(Double.isFinite(value), field, value, "a finite number");
    }

    static void positive(String field, Duration value) {
        require(value.compareTo(Duration.ZERO) > 0, field, value, "a duration above zero");
    }

    /** Times on the wire have milliseconds, so times in a record do too. */
    static Instant time(String field, Instant value) {
        require(!value.isBefore(FIRST) && !value.isAfter(LAST), field, value, "years 0000 to 9999");
        return value.truncatedTo(ChronoUnit.MILLIS);
    }

    /** An absolute URI of one of these schemes that names something. */
    static void uri(String field, URI value, Set<String> schemes) {
        String scheme = value.getScheme();
        boolean ok = scheme != null
                && schemes.contains(scheme)
                && value.getSchemeSpecificPart().length() > 1;
        String names = schemes.stream().sorted().map(s -> s + ":").collect(Collectors.joining(", "));
        String foreign = UriText.isForeign(value.toString()) ? "; this scheme is not supported" : "";
        require(ok, field, value, "a URI beginning with " + names + foreign);
    }

    static void require(boolean ok, String field, Object value, String allowed) {
        if (!ok) {
            throw FaultException.invalid(field, value, allowed);
        }
    }
}
