package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LentContestantTest {
    private final List<String> commands = new ArrayList<>();

    @Test
    void whoeverBorrowsAContestantAsksItAndDoesNotEndIt() {
        try (Contestant lent = new LentContestant(new Recording())) {
            assertThat(lent.ask("forward").numbers()).containsExactly(3.0);
        }

        assertThat(commands).containsExactly("forward");
    }

    private final class Recording implements Contestant {
        @Override
        public Answer ask(String... command) {
            commands.add(command[0]);
            return Answer.of(3);
        }

        @Override
        public void close() {
            commands.add("closed");
        }
    }
}
