package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private static final String ERASE = "\r\u001b[K";

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void withoutTerminalTheBarIsALineAtEachQuarter() {
        Screen screen = screen(Screen.NOT_A_TERMINAL, true);

        for (int percent = 0; percent <= 100; percent += 5) {
            screen.bar("Epoch 1/2", percent / 100.0, "0:10 left");
        }
        screen.eraseBar();

        assertThat(text()).isEqualTo("Epoch 1/2 25 %\nEpoch 1/2 50 %\nEpoch 1/2 75 %\n");
    }

    @Test
    void theSameQuarterOfTheNextEpochIsSaidAgain() {
        Screen screen = screen(Screen.NOT_A_TERMINAL, true);

        screen.bar("Epoch 1/2", 0.5, "");
        screen.bar("Epoch 2/2", 0.5, "");

        assertThat(text()).isEqualTo("Epoch 1/2 50 %\nEpoch 2/2 50 %\n");
    }

    @Test
    void onATerminalALineTakesTheBarsPlace() {
        Screen screen = screen(80, true);

        screen.bar("Epoch 1/2", 0.5, "0:10 left");
        screen.line("news");

        String bar = "Epoch 1/2 " + "█".repeat(15) + "░".repeat(15) + "  50 %  0:10 left";
        assertThat(text()).isEqualTo(ERASE + bar + ERASE + "news\n");
    }

    @Test
    void aBarIsNeverWiderThanTheTerminal() {
        screen(20, false).bar("Epoch 1/2", 0.5, "0:10 left");

        assertThat(text().substring(ERASE.length())).hasSize(19);
    }

    @Test
    void withoutUnicodeTheBarIsAscii() {
        screen(80, false).bar("Epoch 1/2", 1.0, "");

        assertThat(text()).contains("[" + "#".repeat(30) + "] 100 %").isASCII();
    }

    @Test
    void percentSignsInALineAreKept() {
        screen(80, false).line("100 %");

        assertThat(text()).isEqualTo("100 %\n");
    }

    @Test
    void onATerminalALongLineGoesOnInTheNext() {
        screen(20, false).line("one two three four five six /a/long/path/that/stays.jpg");

        assertThat(text()).isEqualTo("one two three four\n  five six\n  /a/long/path/that/stays.jpg\n");
    }

    private Screen screen(int columns, boolean unicode) {
        return new Screen(new PrintStream(written, true, StandardCharsets.UTF_8), columns, unicode);
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }
}
