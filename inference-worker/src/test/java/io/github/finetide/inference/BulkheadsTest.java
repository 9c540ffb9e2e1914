package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.inference.Bulkheads.Reply;
import io.github.finetide.inference.Fakes.SetClock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class BulkheadsTest {
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final List<Duration> inVain = new ArrayList<>();
    private final SetClock clock = new SetClock();
    private final Bulkheads bulkheads = new Bulkheads(threads::add, 2, clock);

    @Test
    void slowSourceTakesNoMoreThanItsShare() {
        execute(Reply.ANSWERED, "slow", "slow", "slow", "fast");

        assertThat(threads).hasSize(3);
    }

    @Test
    void whatWaitedRunsWhenItsSourceHasRoom() {
        execute(Reply.ANSWERED, "slow", "slow", "slow");
        threads.remove().run();

        assertThat(threads).hasSize(2);
        runAll();
        assertThat(ran).containsExactly("slow", "slow", "slow");
    }

    @Test
    void taskThatFailsFreesItsPlace() {
        bulkheads.execute("a", waited -> {
            throw new IllegalStateException("broken");
        });
        execute(Reply.ANSWERED, "a", "a");
        assertThatThrownBy(threads.remove()::run).hasMessage("broken");

        runAll();
        assertThat(ran).containsExactly("a", "a");
    }

    @Test
    void sourceThatIsAwayGetsOneThreadUntilItAnswers() {
        execute(Reply.AWAY, "a", "a");
        execute(Reply.ANSWERED, "a", "a", "a");
        threads.remove().run();
        threads.remove().run();

        assertThat(threads).hasSize(1);
        assertThat(bulkheads.waitingInVain()).isEqualTo(2);
        threads.remove().run();
        assertThat(threads).hasSize(2);
        assertThat(bulkheads.waitingInVain()).isZero();
    }

    @Test
    void sourceStaysAwayWhileNobodyAsks() {
        execute(Reply.AWAY, "a");
        runAll();

        execute(Reply.NOT_ASKED, "a", "a");
        assertThat(threads).hasSize(1);
        assertThat(bulkheads.waitingInVain()).isEqualTo(1);
    }

    @Test
    void timeInVainBeginsWhenTheSourceWentAway() {
        execute(Reply.ANSWERED, "a");
        execute(Reply.AWAY, "a");
        execute(Reply.AWAY, "a");
        clock.now = clock.now.plusSeconds(100);
        threads.remove().run();
        threads.remove().run();
        clock.now = clock.now.plusSeconds(10);
        runAll();

        assertThat(inVain).containsExactly(Duration.ZERO, Duration.ZERO, Duration.ofSeconds(10));
    }

    @Test
    void thousandsOfSourcesAreNotRemembered() {
        for (int i = 0; i < 3_000; i++) {
            execute(Reply.AWAY, "host-" + i);
            runAll();
        }

        execute(Reply.ANSWERED, "host-0", "host-0");
        assertThat(threads).hasSize(2);
    }

    private void execute(Reply reply, String... sources) {
        for (String source : sources) {
            bulkheads.execute(source, waited -> {
                ran.add(source);
                inVain.add(waited);
                return reply;
            });
        }
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
    }
}
