package io.github.finetide.message;

/** Values of others in messages: short, and on one line. */
public final class Shown {
    private static final int MAX_CHARS = 100; // enough to recognise a value, short enough for a log line

    private Shown() {}

    /** A value as a message shows it: text in quotes. */
    public static String of(Object value) {
        String text = value instanceof CharSequence ? "\"" + value + "\"" : String.valueOf(value);
        return plain(text);
    }

    /** Text of others: its first characters, without what would break or turn a line. */
    public static String plain(String text) {
        return plain(text, MAX_CHARS);
    }

    /** The same with a limit of one's own. */
    public static String plain(String text, int maxChars) {
        String line = text.codePoints()
                .map(c -> isPlain(c) ? c : ' ')
                .limit(maxChars + 1L)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        int count = line.codePointCount(0, line.length());
        return count > maxChars ? line.substring(0, line.offsetByCodePoints(0, maxChars)) + "..." : line;
    }

    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT, // among them what turns the direction of a line
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> false;
            default -> true;
        };
    }
}
