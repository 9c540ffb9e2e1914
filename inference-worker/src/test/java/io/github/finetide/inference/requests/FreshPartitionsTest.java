package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

class FreshPartitionsTest {
    private static final TopicPartition FIRST = new TopicPartition("requests", 0);
    private static final TopicPartition SECOND = new TopicPartition("requests", 1);

    private final List<Set<TopicPartition>> questions = new ArrayList<>();
    private final Map<TopicPartition, Optional<CommittedOffsets>> adopted = new HashMap<>();
    private CompletableFuture<Map<TopicPartition, Optional<CommittedOffsets>>> answer = new CompletableFuture<>();
    private long now;
    private final FreshPartitions fresh = new FreshPartitions(this::read, () -> now);

    @Test
    void nobodyWaitsForAnAnswer() {
        fresh.add(List.of(FIRST));
        adopt();
        fresh.add(List.of(SECOND));
        adopt();

        assertThat(questions).containsExactly(Set.of(FIRST));
        assertThat(adopted).isEmpty();
    }

    @Test
    void whatIsAnsweredIsAdoptedAndTheRestIsAskedAboutAfterAPause() {
        fresh.add(List.of(FIRST, SECOND));
        adopt();
        answer(Map.of(SECOND, progress(7)));
        adopt();
        assertThat(adopted).containsOnly(Map.entry(SECOND, progress(7)));
        assertThat(questions).hasSize(1);

        now += FreshPartitions.PAUSE.toNanos();
        adopt();

        assertThat(questions).containsExactly(Set.of(FIRST, SECOND), Set.of(FIRST));
        assertThat(fresh.contains(FIRST)).isTrue();
    }

    @Test
    void nothingCommittedIsAnAnswerToo() {
        fresh.add(List.of(FIRST));
        adopt();
        answer(Map.of(FIRST, Optional.empty()));
        adopt();

        assertThat(adopted).containsOnly(Map.entry(FIRST, Optional.empty()));
        assertThat(fresh.isEmpty()).isTrue();
    }

    /** Another worker may have had it since the question. */
    @Test
    void answerOfBeforeAPartitionCameBackDoesNotCount() {
        fresh.add(List.of(FIRST, SECOND));
        adopt();
        fresh.remove(List.of(FIRST, SECOND));
        fresh.add(List.of(FIRST));
        answer(Map.of(FIRST, progress(7), SECOND, progress(8)));
        adopt();

        assertThat(adopted).isEmpty();
        assertThat(fresh.contains(FIRST)).isTrue();
        assertThat(fresh.contains(SECOND)).isFalse();
    }

    @Test
    void brokerThatIsAwayIsAskedAgain() {
        fresh.add(List.of(FIRST));
        adopt();
        answer.completeExceptionally(new TimeoutException("10 s"));
        adopt();
        now += FreshPartitions.PAUSE.toNanos();
        adopt();

        assertThat(questions).hasSize(2);
    }

    @Test
    void brokerThatRefusesIsAFailure() {
        fresh.add(List.of(FIRST));
        adopt();
        answer.completeExceptionally(new GroupAuthorizationException("workers"));

        assertThatThrownBy(this::adopt).isInstanceOf(GroupAuthorizationException.class);
    }

    private static Optional<CommittedOffsets> progress(long base) {
        return Optional.of(new CommittedOffsets(base, new TreeSet<>()));
    }

    private CompletionStage<Map<TopicPartition, Optional<CommittedOffsets>>> read(Set<TopicPartition> partitions) {
        questions.add(partitions);
        answer = new CompletableFuture<>();
        return answer;
    }

    private void answer(Map<TopicPartition, Optional<CommittedOffsets>> known) {
        answer.complete(new HashMap<>(known));
    }

    private void adopt() {
        fresh.adopt((partition, progress) -> {
            adopted.put(partition, progress);
            return true;
        });
    }
}
