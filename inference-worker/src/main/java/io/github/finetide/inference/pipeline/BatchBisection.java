package io.github.finetide.inference.pipeline;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Runs a batch; one that fails is run again in halves, until the culprit is alone. */
final class BatchBisection {
    private BatchBisection() {}

    /** What became of an item: a value, or why there is none. */
    sealed interface Outcome<R> {
        /** It went through. */
        record Done<R>(R value) implements Outcome<R> {}

        /** It fails alone, too. */
        record Failed<R>(Throwable cause) implements Outcome<R> {}
    }

    /** Returns an outcome for every item, in their order; {@code work} returns a value for each of its items. */
    static <T, R> List<Outcome<R>> run(List<T> items, Function<List<T>, List<R>> work) {
        List<Outcome<R>> outcomes = new ArrayList<>(items.size());
        run(items, work, outcomes);
        return outcomes;
    }

    // Errors too: an OutOfMemoryError in a batch of 32 often is none in 16.
    private static <T, R> void run(List<T> items, Function<List<T>, List<R>> work, List<Outcome<R>> outcomes) {
        try {
            work.apply(items).forEach(value -> outcomes.add(new Outcome.Done<>(value)));
        } catch (RuntimeException | Error why) {
            if (items.size() == 1) {
                outcomes.add(new Outcome.Failed<>(why));
                return;
            }
            int half = items.size() / 2;
            run(items.subList(0, half), work, outcomes);
            run(items.subList(half, items.size()), work, outcomes);
        }
    }
}
