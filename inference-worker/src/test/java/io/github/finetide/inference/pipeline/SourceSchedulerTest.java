package io.github.finetide.inference.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.pipeline.SourceScheduler.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class SourceSchedulerTest {
    private static final int THREADS = 16;
    private static final Duration QUICK = Duration.ofMillis(100);
    private static final Duration SLOW = Duration.ofSeconds(5);

    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final List<Duration> inVain = new ArrayList<>();
    private Instant now = Fakes.NOW;
    private final InstantSource clock = () -> now;
    private final SourceScheduler scheduler = new SourceScheduler(threads::add, THREADS, clock);

    @Test
    void sourceAloneGetsHalfOfTheThreads() {
        answers("a", QUICK);
        execute("a", 20, Reply.ANSWERED, QUICK);

        assertThat(threads).hasSize(THREADS / 2);
    }

    @Test
    void eachFurtherSourceGetsHalfOfWhatIsLeft() {
        for (String source : List.of("a", "b", "c", "d")) {
            answers(source, QUICK);
        }
        execute("a", 20, Reply.ANSWERED, QUICK);
        execute("b", 20, Reply.ANSWERED, QUICK);
        execute("c", 20, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(8 + 4 + 2);

        execute("d", 20, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(THREADS - 1);
    }

    @Test
    void sourceThatIsNotKnownGetsOneThreadUntilItAnswers() {
        execute("a", 20, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(1);

        threads.remove().run();
        assertThat(threads).hasSize(THREADS / 2);
    }

    @Test
    void sourcesThatAreNotKnownLeaveAQuarterToThoseThatAre() {
        answers("quick", QUICK);
        for (int i = 0; i < 100; i++) {
            execute("unknown-" + i, 2, Reply.ANSWERED, SLOW);
        }
        assertThat(threads).hasSize(THREADS * 3 / 4);

        execute("quick", 2, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(THREADS * 3 / 4 + 2);
    }

    @Test
    void slowSourcesTogetherLeaveHalfOfTheThreadsToOthers() {
        for (int i = 0; i < 20; i++) {
            answers("slow-" + i, SLOW);
        }
        for (int i = 0; i < 20; i++) {
            execute("slow-" + i, 10, Reply.ANSWERED, SLOW);
        }
        assertThat(threads).hasSize(THREADS / 2);
        assertThat(scheduler.waitingForSlowOnes()).isEqualTo(200 - THREADS / 2);

        execute("new", 1, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(THREADS / 2 + 1);
    }

    @Test
    void sourceIsSlowAsSoonAsAnAnswerIsLate() {
        answers("a", QUICK);
        scheduler.execute("a", waited -> {
            execute("a", 20, Reply.ANSWERED, QUICK);
            assertThat(scheduler.waitingForSlowOnes()).isZero();
            now = now.plus(SLOW);
            assertThat(scheduler.waitingForSlowOnes()).isEqualTo(20 - (THREADS / 2 - 1));
            return Reply.ANSWERED;
        });
        threads.remove().run();
    }

    @Test
    void whatIsDoneWithAnAnswerDoesNotMakeItsSourceSlow() {
        answers("a", QUICK);
        scheduler.execute("a", new SourceScheduler.Task() {
            @Override
            public Reply ask(Duration inVain) {
                return Reply.ANSWERED;
            }

            @Override
            public void finish() {
                execute("a", 20, Reply.ANSWERED, QUICK);
                now = now.plus(SLOW);
            }
        });
        threads.remove().run();

        assertThat(scheduler.waitingForSlowOnes()).isZero();
    }

    @Test
    void whatHasWaitedLongestBeginsFirst() {
        SourceScheduler single = new SourceScheduler(threads::add, 1, clock);
        for (String source : List.of("a", "b", "a")) {
            single.execute(source, task(source, Reply.ANSWERED, QUICK));
            now = now.plus(QUICK);
        }
        runAll();

        assertThat(ran).containsExactly("a", "b", "a");
    }

    @Test
    void taskThatFailsFreesItsPlace() {
        scheduler.execute("a", waited -> {
            throw new IllegalStateException("broken");
        });
        execute("a", 2, Reply.ANSWERED, QUICK);
        assertThatThrownBy(threads.remove()::run).hasMessage("broken");

        runAll();
        assertThat(ran).containsExactly("a", "a");
    }

    @Test
    void sourceThatIsAwayGetsOneThreadUntilItAnswers() {
        answers("a", QUICK);
        execute("a", 2, Reply.FAILED, SLOW);
        execute("a", 3, Reply.ANSWERED, QUICK);
        threads.remove().run();
        assertThat(threads).hasSize(4);

        execute("a", 20, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(4);
        assertThat(scheduler.waitingForSlowOnes()).isEqualTo(20);
    }

    @Test
    void quickFailureSaysThatTheSourceIsThere() {
        execute("a", 1, Reply.FAILED, QUICK);
        execute("a", 20, Reply.ANSWERED, QUICK);
        threads.remove().run();

        assertThat(threads).hasSize(THREADS / 2);
    }

    @Test
    void sourceStaysAwayWhileNobodyAsks() {
        execute("a", 1, Reply.FAILED, SLOW);
        runAll();

        execute("a", 2, Reply.NOT_ASKED, QUICK);
        assertThat(threads).hasSize(1);
        assertThat(scheduler.waitingForSlowOnes()).isEqualTo(1);
    }

    @Test
    void timeInVainBeginsWhenTheSourceWentAway() {
        answers("a", QUICK);
        inVain.clear();
        execute("a", 1, Reply.FAILED, SLOW);
        execute("a", 2, Reply.FAILED, SLOW);
        runAll();

        assertThat(inVain).containsExactly(Duration.ZERO, Duration.ZERO, SLOW);
    }

    @Test
    void thousandsOfSourcesAreNotRemembered() {
        for (int i = 0; i < 3_000; i++) {
            answers("host-" + i, QUICK);
        }

        execute("host-0", 2, Reply.ANSWERED, QUICK);
        assertThat(threads).hasSize(1);
    }

    /** The source is known from now on. */
    private void answers(String source, Duration after) {
        execute(source, 1, Reply.ANSWERED, after);
        runAll();
    }

    private void execute(String source, int times, Reply reply, Duration after) {
        for (int i = 0; i < times; i++) {
            scheduler.execute(source, task(source, reply, after));
        }
    }

    private SourceScheduler.Task task(String source, Reply reply, Duration after) {
        return waited -> {
            ran.add(source);
            inVain.add(waited);
            now = now.plus(after);
            return reply;
        };
    }

    private void runAll() {
        while (!threads.isEmpty()) {
            threads.remove().run();
        }
    }
}
