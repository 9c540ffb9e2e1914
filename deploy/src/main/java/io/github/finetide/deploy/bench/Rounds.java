package io.github.finetide.deploy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Measures several things in turns, A B C A B C, and keeps the best of each: what else the machine does can only make
 * a run slower, and hits all of them alike.
 *
 * <p>See RATIONALE.md, Why do contestants take turns, and why does the best of their turns count?
 */
final class Rounds {
    private final Map<String, Supplier<Answer>> turns = new LinkedHashMap<>();
    private final Map<String, String> refusals = new LinkedHashMap<>();
    private final Map<String, Double> best = new LinkedHashMap<>();

    /** Adds a turn; its answer's numbers are seconds. */
    void add(String name, Supplier<Answer> turn) {
        turns.put(name, turn);
    }

    /** Runs all turns once, and keeps nothing: the first time is slower. */
    Rounds warmedUp() {
        turn(new LinkedHashMap<>());
        return this;
    }

    /** Runs all turns so many times. One that refuses is left out from then on. */
    void run(int rounds) {
        for (int round = 0; round < rounds; round++) {
            turn(best);
        }
    }

    private void turn(Map<String, Double> seconds) {
        List<String> out = new ArrayList<>();
        turns.forEach((name, turn) -> {
            Answer answer = turn.get();
            if (answer.isRefusal()) {
                refusals.put(name, answer.refusal());
                out.add(name);
            } else {
                answer.numbers().forEach(number -> seconds.merge(name, number, Math::min));
            }
        });
        out.forEach(turns::remove);
    }

    /** The least seconds of each that did not refuse. */
    Map<String, Double> best() {
        return best;
    }

    /** Why some have no figure. */
    Map<String, String> refusals() {
        return refusals;
    }
}
