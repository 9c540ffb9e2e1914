package io.github.finetide.deploy;

import java.util.ArrayList;
import java.util.List;

/** Text by the columns it takes on a terminal: two for East Asian wide characters and emoji, none for marks. */
final class TextWidth {
    private static final String CUT = "...";
    private static final String INDENT = "  ";

    private TextWidth() {}

    static int of(String text) {
        return text.codePoints().map(TextWidth::columns).sum();
    }

    private static int columns(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        return isWide(c) ? 2 : 1;
    }

    /** The blocks that Unicode's EastAsianWidth.txt calls W or F, without what no terminal font has. */
    private static boolean isWide(int c) {
        return c >= 0x1100
                && (c <= 0x115f
                        || (c >= 0x2e80 && c <= 0xa4cf && c != 0x303f)
                        || (c >= 0xac00 && c <= 0xd7a3)
                        || (c >= 0xf900 && c <= 0xfaff)
                        || (c >= 0xfe30 && c <= 0xfe6f)
                        || (c >= 0xff00 && c <= 0xff60)
                        || (c >= 0xffe0 && c <= 0xffe6)
                        || (c >= 0x1f300 && c <= 0x1f64f)
                        || (c >= 0x1f680 && c <= 0x1f6ff)
                        || (c >= 0x1f900 && c <= 0x1faff)
                        || (c >= 0x20000 && c <= 0x3fffd));
    }

    /** The beginning of a text, where it is too wide. */
    static String cutRight(String text, int columns) {
        return of(text) <= columns ? text : beginning(text, Math.max(0, columns - CUT.length())) + CUT;
    }

    /** The end of a text, where it is too wide: of a path that is what tells it from others. */
    static String cutLeft(String text, int columns) {
        if (of(text) <= columns) {
            return text;
        }
        int room = Math.max(0, columns - CUT.length());
        int from = text.length();
        while (from > 0 && of(text.substring(text.offsetByCodePoints(from, -1))) <= room) {
            from = text.offsetByCodePoints(from, -1);
        }
        return CUT + text.substring(from);
    }

    private static String beginning(String text, int columns) {
        int to = 0;
        while (to < text.length() && of(text.substring(0, text.offsetByCodePoints(to, 1))) <= columns) {
            to = text.offsetByCodePoints(to, 1);
        }
        return text.substring(0, to);
    }

    /** Lines no wider than the terminal, broken at spaces; a word that is wider stays whole, so that it can be copied. */
    static List<String> wrapped(String text, int columns) {
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            String rest = line;
            while (of(rest) > columns) {
                int space = lastSpace(rest, beginning(rest, columns + 1).length());
                if (space < 0) {
                    break;
                }
                lines.add(rest.substring(0, space).stripTrailing());
                rest = INDENT + rest.substring(space + 1).stripLeading();
            }
            lines.add(rest);
        }
        return lines;
    }

    /** The last space before a place, or the first one after it; none in the indentation. */
    private static int lastSpace(String text, int before) {
        int start = text.length() - text.stripLeading().length();
        int space = text.lastIndexOf(' ', before - 1);
        return space > start ? space : text.indexOf(' ', Math.max(start, before));
    }
}
