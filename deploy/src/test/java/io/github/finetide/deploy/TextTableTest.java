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

    @Test
    void onATerminalPathsLoseTheirBeginningAndNamesTheirEnd() {
        TextTable table = new TextTable("<image", "class", ">ms");
        table.row("/data/photos/2026/november/a-very-long-folder/IMG_0001.jpg", "spaghetti with a long name", "12");

        assertThat(table.lines(40)).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(40));
        assertThat(table.lines(40).get(2)).startsWith("..._0001.jpg  spaghetti").endsWith("...  12");
        assertThat(table.lines(80).get(2)).hasSize(80).startsWith("...").contains("spaghetti with a long name");
    }

    @Test
    void wideCharactersTakeTwoColumns() {
        TextTable table = new TextTable("class", ">n");
        table.row("麻婆豆腐", "1");
        table.row("cafe\u0301 🍕", "2");

        assertThat(table.lines()).containsExactly("class     n", "-----------", "麻婆豆腐  1", "cafe\u0301 🍕   2");
    }
}
