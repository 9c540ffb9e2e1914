package io.github.finetide.message;

/** Values of others in messages: short, and on one line. */
final class Shown {
    private static final int MAX_CHARS = 100; // enough to recognise a value, short enough for a log line

    private Shown() {}

    static String of(Object value) {
        String text = value instanceof CharSequence ? "\"" + value + "\"" : String.valueOf(value);
        return plain(text);
    }

    static String plain(String text) {
        String line = text.codePoints()
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .limit(MAX_CHARS + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        int count = line.codePointCount(0, line.length());
        return count > MAX_CHARS ? line.substring(0, line.offsetByCodePoints(0, MAX_CHARS)) + "..." : line;
    }
}
