package io.github.finetide.deploy;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them. */
public final class Texts {
    private Texts() {}

    /** A fraction as a percentage: {@code 87.5 %}. */
    public static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", fraction * 100);
    }

    /** Minutes and seconds, hours where there are some: {@code 4:07}, {@code 1:02:03}. */
    public static String clock(Duration duration) {
        long seconds = Math.max(0, Math.round(duration.toMillis() / 1000.0));
        return seconds < 3600
                ? String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    /** Minutes and seconds of a number of seconds. */
    public static String clock(double seconds) {
        return clock(Duration.ofMillis(Math.round(seconds * 1000)));
    }
}
