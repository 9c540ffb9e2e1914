package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class BenchCommandTest {
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {"--soak --load", "--soak --quick", "--load --only=network", "--images=5", "--load --images=0"})
    void optionsThatCannotBeMeantTogetherAreWrongUsage(String options) {
        assertThat(run(options.split(" ", -1))).isEqualTo(2);

        assertThat(err.toString()).contains("--");
    }

    @Test
    void aSectionThatDoesNotExistIsWrongUsage() {
        assertThat(run("--only", "everything")).isEqualTo(2);

        assertThat(err.toString()).contains("everything").contains("NETWORK");
    }

    private int run(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }
}
