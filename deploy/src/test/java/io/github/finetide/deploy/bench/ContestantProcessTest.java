package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.deploy.CommandFailure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContestantProcessTest {
    @TempDir
    Path logs;

    @Test
    void commandsAreAnsweredInTurn() {
        try (Contestant contestant = shell("while read -r line; do echo \"= ${#line}\"; done")) {
            assertThat(contestant.ask("one", "two").numbers()).containsExactly(7.0);
            assertThat(contestant.ask("three").numbers()).containsExactly(5.0);
        }
    }

    @Test
    void aContestantThatEndsIsNamedWithItsLog() throws Exception {
        try (Contestant contestant = shell("read -r line; echo broken >&2")) {
            assertThatThrownBy(() -> contestant.ask("forward"))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("shell ended at \"forward\"")
                    .hasMessageContaining("shell.log");
        }
        assertThat(Files.readString(logs.resolve("shell.log"))).isEqualTo("broken\n");
    }

    @Test
    void theAllocatorIsSetOrLeftAsAUserHasIt() {
        assertThat(BenchSite.environment(true)).containsEntry("MALLOC_ARENA_MAX", "1");
        assertThat(BenchSite.environment(false)).containsEntry("MALLOC_ARENA_MAX", "");
        String script = "while read -r line; do echo \"= ${MALLOC_ARENA_MAX:-0}\"; done";
        try (Contestant tuned = shell(script, BenchSite.environment(true));
                Contestant asRun = shell(script, BenchSite.environment(false))) {
            assertThat(tuned.ask("arenas").numbers()).containsExactly(1.0);
            assertThat(asRun.ask("arenas").numbers()).containsExactly(0.0);
        }
    }

    private Contestant shell(String script) {
        return shell(script, Map.of());
    }

    private Contestant shell(String script, Map<String, String> environment) {
        return ContestantProcess.start("shell", logs, environment, List.of("sh", "-c", script));
    }
}
