package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ByteSizeTest {
    private final ByteSize size = new ByteSize();

    @ParameterizedTest
    @CsvSource({"1k, 1024", "512m, 536870912", "4g, 4294967296", "4G, 4294967296", "999999999g, 1073741822926258176"})
    void readsPowersOf1024(String text, long bytes) {
        assertThat(size.convert(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "4", "g", "-1g", "4 g", "4gb", "0x4g", "9999999999g", "1.5g", "4t"})
    void refusesAllElse(String text) {
        assertThatThrownBy(() -> size.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("512m or 4g");
    }

    @Test
    void halfOfTheMachineIsSomething() {
        assertThat(ByteSize.halfOfMachine()).isGreaterThan(64L << 20);
    }
}
