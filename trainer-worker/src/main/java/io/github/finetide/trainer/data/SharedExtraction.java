package io.github.finetide.trainer.data;

import io.github.finetide.features.RowKey;
import io.github.finetide.message.FeatureResult;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The missing rows of one pass, in parts, each of which is computed here or by another worker, the last ones perhaps by
 * both: a row has the same bits whoever computes it.
 */
final class SharedExtraction {
    /** So many parts that nobody is far from an end when the others are at theirs. */
    private static final int PARTS = 32;

    /** Half of what Kafka takes of a producer that was not configured. */
    private static final int MAX_REQUEST_CHARS = 512 << 10;

    private final List<List<RowKey>> parts = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();
    private final FeatureParts state;
    private final MissingRows rows;
    private final FeatureHelpers helpers;
    private final InstantSource clock;

    private SharedExtraction(MissingRows rows, int size, FeatureHelpers helpers, InstantSource clock) {
        List<RowKey> all = rows.all();
        for (int from = 0; from < all.size(); from += size) {
            parts.add(all.subList(from, Math.min(from + size, all.size())));
        }
        this.state = new FeatureParts(parts.size(), clock);
        this.rows = rows;
        this.helpers = helpers;
        this.clock = clock;
    }

    /**
     * Begins.
     *
     * @param batch the size of a batch
     * @param most rows that are written at once
     */
    static SharedExtraction of(MissingRows rows, int batch, int most, FeatureHelpers helpers, InstantSource clock) {
        int all = Math.max(1, rows.all().size());
        return new SharedExtraction(
                rows, helpers == FeatureHelpers.NONE ? all : partSize(all, batch, most), helpers, clock);
    }

    /** Whole batches, where they fit into a shard. */
    static int partSize(int all, int batch, int most) {
        int wanted = (all / PARTS + batch - 1) / batch * batch;
        return Math.max(1, Math.min(Math.max(wanted, batch), most));
    }

    /** Returns when all rows are there. */
    void run() {
        for (OptionalInt next = next(); next.isPresent(); next = next()) {
            int part = next.getAsInt();
            if (!state.isAsked(part) || !found(part)) {
                rows.compute(parts.get(part), () -> isDone(part));
                state.done(part);
            }
        }
    }

    private OptionalInt next() {
        takeAnswers();
        ask();
        return state.next();
    }

    private boolean isDone(int part) {
        takeAnswers();
        return state.isDone(part);
    }

    private void ask() {
        if (helpers == FeatureHelpers.NONE) {
            return;
        }
        for (OptionalInt next = state.nextToAsk(); next.isPresent(); next = state.nextToAsk()) {
            List<RowKey> wanted = rows.among(parts.get(next.getAsInt()));
            if (rows.requestChars(wanted) > MAX_REQUEST_CHARS
                    || !helpers.ask(rows.request(wanted, clock.instant(), FeatureParts.ANSWER_LIMIT))) {
                return;
            }
            names.put(FeatureOrder.part(wanted), next.getAsInt());
            state.asked(next.getAsInt());
        }
    }

    private void takeAnswers() {
        for (FeatureResult answer : helpers.answers()) {
            @Nullable Integer part = names.get(answer.part());
            if (part != null && !state.isDone(part)) {
                rows.share(); // there is somebody who looks into the store
                if (answer.error() != null || !found(part)) {
                    state.refused(part);
                }
            }
        }
    }

    /** Whether the rows of a part are there now; whoever said so may have computed others, or they may be lost. */
    private boolean found(int part) {
        boolean all = rows.read(parts.get(part));
        if (all) {
            state.done(part);
        }
        return all;
    }
}
