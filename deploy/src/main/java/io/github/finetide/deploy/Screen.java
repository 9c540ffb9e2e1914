package io.github.finetide.deploy;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lines that stay, and below them one bar that moves. Where the output is no terminal, the bar becomes a plain line
 * at every quarter.
 */
public final class Screen {
    /** As many columns as a text needs. */
    public static final int NOT_A_TERMINAL = 0;

    private static final int BAR_WIDTH = 30;
    private static final int QUARTERS = 4;

    private final PrintStream out;
    private final int columns;
    private final boolean unicode;
    private boolean barShown;
    private @Nullable String lastQuarter;

    /** @param columns width of the terminal, or {@link #NOT_A_TERMINAL} */
    Screen(PrintStream out, int columns, boolean unicode) {
        this.out = out;
        this.columns = columns;
        this.unicode = unicode;
    }

    /** The screen of this process; the launcher script says how wide it is. */
    public static Screen ofProcess() {
        int columns = Integer.getInteger("finetide.columns", NOT_A_TERMINAL);
        String encoding = System.getProperty(
                "sun.stdout.encoding", Charset.defaultCharset().name());
        return new Screen(System.out, columns, Charset.forName(encoding).equals(StandardCharsets.UTF_8));
    }

    /** The terminal's width, or {@link #NOT_A_TERMINAL}. */
    public int columns() {
        return columns;
    }

    /** Prints a line above the bar; on a terminal that is narrower, several. */
    public synchronized void line(String format, Object... values) {
        eraseBar();
        String text = values.length == 0 ? format : String.format(Locale.ROOT, format, values);
        if (columns == NOT_A_TERMINAL) {
            out.println(text);
        } else {
            TextWidth.wrapped(text, columns).forEach(out::println);
        }
        out.flush();
    }

    /** Shows the bar: a label, how far (0..1), and what else there is to say. */
    public synchronized void bar(String label, double fraction, String note) {
        double shown = Math.max(0, Math.min(1, fraction));
        if (columns == NOT_A_TERMINAL) {
            quarterLine(label, shown);
            return;
        }
        String text =
                String.format(Locale.ROOT, "%s %s %3.0f %%  %s", label, blocks(shown), Math.floor(shown * 100), note);
        out.print("\r\u001b[K" + TextWidth.cutRight(text, columns - 1));
        out.flush();
        barShown = true;
    }

    /** Takes the bar away. */
    public synchronized void eraseBar() {
        if (barShown) {
            out.print("\r\u001b[K");
            out.flush();
            barShown = false;
        }
    }

    private void quarterLine(String label, double fraction) {
        int quarter = (int) (fraction * QUARTERS);
        String line = label + " " + quarter * 100 / QUARTERS + " %";
        if (quarter > 0 && quarter < QUARTERS && !line.equals(lastQuarter)) {
            lastQuarter = line;
            line("%s", line);
        }
    }

    private String blocks(double fraction) {
        int full = (int) (fraction * BAR_WIDTH);
        return unicode
                ? "█".repeat(full) + "░".repeat(BAR_WIDTH - full)
                : "[" + "#".repeat(full) + ".".repeat(BAR_WIDTH - full) + "]";
    }
}
