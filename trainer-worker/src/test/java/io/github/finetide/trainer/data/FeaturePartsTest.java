package io.github.finetide.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class FeaturePartsTest {
    private Instant now = Instant.EPOCH;

    private FeatureParts parts(int count) {
        return new FeatureParts(count, () -> now);
    }

    @Test
    void othersBeginAtTheFrontAndThisWorkerAtTheEnd() {
        FeatureParts parts = parts(100);
        ask(parts, 3);

        assertThat(parts.next()).hasValue(99);
        parts.done(99);
        assertThat(parts.next()).hasValue(98);
        assertThat(parts.nextToAsk()).hasValue(3);
    }

    @Test
    void soManyAreAskedForAtOnceAndMoreWhenTheseAreDone() {
        FeatureParts parts = parts(1000);
        ask(parts, FeatureParts.MAX_ASKED);
        assertThat(parts.nextToAsk()).isEmpty();
        parts.done(7);
        assertThat(parts.nextToAsk()).hasValue(FeatureParts.MAX_ASKED);
    }

    @Test
    void nobodyIsWaitedFor() {
        FeatureParts parts = parts(3);
        ask(parts, 3);
        List<Integer> done = new ArrayList<>();
        for (OptionalInt next = parts.next(); next.isPresent(); next = parts.next()) {
            done.add(next.getAsInt());
            parts.done(next.getAsInt());
        }
        assertThat(done).containsExactly(2, 1, 0);
    }

    @Test
    void whatIsNotAnsweredIsAskedForAgain() {
        FeatureParts parts = parts(2);
        ask(parts, 2);
        assertThat(parts.nextToAsk()).isEmpty();
        now = now.plus(FeatureParts.ANSWER_LIMIT);
        assertThat(parts.nextToAsk()).hasValue(0);
    }

    @Test
    void whatIsRefusedTooOftenIsAskedForNoMore() {
        FeatureParts parts = parts(1);
        for (int i = 0; i < FeatureParts.MAX_REFUSALS; i++) {
            assertThat(parts.nextToAsk()).hasValue(0);
            parts.asked(0);
            parts.refused(0);
        }
        assertThat(parts.nextToAsk()).isEmpty();
        assertThat(parts.next()).hasValue(0);
    }

    @Test
    void partsAreWholeBatchesThatFitIntoAShard() {
        assertThat(SharedExtraction.partSize(2000, 16, 512)).isEqualTo(64);
        assertThat(SharedExtraction.partSize(20, 16, 512)).isEqualTo(16);
        assertThat(SharedExtraction.partSize(1_000_000, 16, 512)).isEqualTo(512);
        assertThat(SharedExtraction.partSize(1_000_000, 16, 3)).isEqualTo(3);
    }

    private static void ask(FeatureParts parts, int count) {
        for (int i = 0; i < count; i++) {
            parts.asked(parts.nextToAsk().orElseThrow());
        }
    }
}
