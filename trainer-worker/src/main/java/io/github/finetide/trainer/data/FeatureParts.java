package io.github.finetide.trainer.data;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Who does which part of a piece of work. Parts are asked for from the first one on, and done here from the last one on;
 * where only those are left that were asked for and not answered, they are done here, too: nobody is waited for.
 */
final class FeatureParts {
    /** Asked for and not answered: enough for as many helpers to find work. */
    static final int MAX_ASKED = 64;

    /** Whoever does not answer by then is dead, or does a job of its own; a part takes a minute. */
    static final Duration ANSWER_LIMIT = Duration.ofMinutes(10);

    /** Workers with another kind of processor refuse; one that does not may be among the others. */
    static final int MAX_REFUSALS = 3;

    private final boolean[] done;
    private final @Nullable Instant[] asked;
    private final int[] refusals;
    private final InstantSource clock;

    FeatureParts(int count, InstantSource clock) {
        done = new boolean[count];
        asked = new Instant[count];
        refusals = new int[count];
        this.clock = clock;
    }

    /** Returns the part that this worker is to do next; empty when all are done. */
    OptionalInt next() {
        OptionalInt open = last(part -> !done[part] && !isAsked(part));
        return open.isPresent() ? open : last(part -> !done[part]);
    }

    private OptionalInt last(IntPredicate wanted) {
        int count = done.length;
        return IntStream.range(0, count).map(i -> count - 1 - i).filter(wanted).findFirst();
    }

    /** Returns the part that is to be asked for next; empty where none is, for now. */
    OptionalInt nextToAsk() {
        long waiting = IntStream.range(0, done.length)
                .filter(part -> !done[part] && isAsked(part))
                .count();
        return waiting >= MAX_ASKED
                ? OptionalInt.empty()
                : IntStream.range(0, done.length)
                        .filter(part -> !done[part] && !isAsked(part) && refusals[part] < MAX_REFUSALS)
                        .findFirst();
    }

    void asked(int part) {
        asked[part] = clock.instant();
    }

    /** Somebody cannot do it, or says that it is done and it is not. */
    void refused(int part) {
        asked[part] = null;
        refusals[part]++;
    }

    void done(int part) {
        done[part] = true;
    }

    boolean isDone(int part) {
        return done[part];
    }

    /** Whether somebody may be doing it. */
    boolean isAsked(int part) {
        Instant at = asked[part];
        return at != null && clock.instant().isBefore(at.plus(ANSWER_LIMIT));
    }
}
