package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        TextTable table = new TextTable("image", ">probability", "note");
        table.row("a.jpg", "7.0 %", "yes");
        table.row("longer-name.jpg", "100.0 %", "");

        assertThat(table.lines())
                .containsExactly(
                        "image            probability  note",
                        "----------------------------------",
                        "a.jpg                  7.0 %  yes",
                        "longer-name.jpg      100.0 %");
    }

    @Test
    void aLongLastCellDoesNotPushOtherRows() {
        TextTable table = new TextTable("image", "class", "note");
        table.row("a.jpg", "dish!", "first");
        table.row("b.jpg", "rejected: not_found: there is no file b.jpg");

        assertThat(table.lines().get(2)).isEqualTo("a.jpg  dish!  first");
    }
}
