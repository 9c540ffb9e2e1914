package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.model.ModelVersions;
import io.github.finetide.inference.pipeline.PreparationLimits;
import io.github.finetide.options.CommandLines;
import io.github.finetide.runtime.RetryPolicy;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class InferenceMainTest {
    private final StringWriter err = new StringWriter();
    private final CommandLine line =
            CommandLines.prepare(new CommandLine(new InferenceMain()), Map.of()).setErr(new PrintWriter(err));

    @Test
    void defaultsAreThoseOfTheContract() {
        line.parseArgs();

        assertThat(value("--http-port")).isEqualTo(9401);
        assertThat(value("--max-batch")).isEqualTo(32);
        assertThat(value("--batch-wait")).isEqualTo(Duration.ofMillis(20));
        assertThat(value("--decode-threads")).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(value("--precision")).isEqualTo(InferenceMain.Wanted.AUTO);
        assertThat(value("--models")).isEqualTo(List.of());
        assertThat(value("--model-memory")).isEqualTo(ByteSize.halfOfMachine());
        assertThat(value("--data-root")).isEqualTo(List.of());
        assertThat(value("--allow-host")).isEqualTo(List.of());
    }

    @Test
    void limitsAreThose() {
        InferenceSettings settings = new InferenceSettings(32, Duration.ofMillis(20), 2, null, Set.of(), 1L << 30);

        assertThat(settings.mostInFlight()).isEqualTo(128);
        assertThat(settings.recordsPerPoll()).isEqualTo(64);
        assertThat(RetryPolicy.DEFAULT)
                .isEqualTo(new RetryPolicy(6, Duration.ofMillis(200), Duration.ofSeconds(4), Duration.ofSeconds(45)));
        assertThat(ModelVersions.KEPT).isEqualTo(3);
    }

    @Test
    void memoryForImagesFollowsTheHeap() {
        PreparationLimits small = PreparationLimits.of(2, 512L << 20);
        PreparationLimits large = PreparationLimits.of(2, 16L << 30);

        assertThat(small.fetchThreads()).isEqualTo(4);
        assertThat(large.fetchThreads()).isEqualTo(16);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--max-batch=0",
                "--max-batch=1025",
                "--batch-wait=2m",
                "--decode-threads=0",
                "--precision=fp64",
                "--model-memory=0k",
                "--model-memory=4",
                "--nonsense"
            })
    void wrongOptionsAreOneClearLineAndExitCodeTwo(String option) {
        assertThat(line.execute(option)).isEqualTo(2);

        assertThat(err.toString()).contains(option.split("=", 2)[0]);
    }

    private Object value(String option) {
        return line.getCommandSpec().findOption(option).getValue();
    }
}
