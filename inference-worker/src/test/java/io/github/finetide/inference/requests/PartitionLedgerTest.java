package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class PartitionLedgerTest {
    /** What a broker allows by default (offset.metadata.max.bytes). */
    private static final int MAX_METADATA_BYTES = 4096;

    private final PartitionLedger ledger = new PartitionLedger(new CommittedOffsets(100, new TreeSet<>()), "");

    @Test
    void commitsNameTheTopic() {
        CommittedOffsets former = new CommittedOffsets(5, new TreeSet<>(List.of(7L)), Holding.NONE, "A");

        assertThat(CommittedOffsets.of(former.toCommit())).isEqualTo(former);
        assertThat(former.isOf("A")).isTrue();
        assertThat(former.isOf("B")).isFalse();
        assertThat(CommittedOffsets.of(new OffsetAndMetadata(5, "")).isOf("B")).isTrue();
    }

    @Test
    void commitsUpToTheFirstRequestThatIsNotAnswered() {
        take(100, 101, 102, 103);

        answer(100, 101, 103);

        assertThat(committed(ledger).offset()).isEqualTo(102);
    }

    @Test
    void commitsBehindTheLastRequestWhenAllAreAnswered() {
        take(100, 101);

        answer(101, 100);

        OffsetAndMetadata committed = committed(ledger);
        assertThat(committed.offset()).isEqualTo(102);
        assertThat(committed.metadata()).isEmpty();
    }

    /** Else an aborted transaction's offsets would be committed by the next one, without their results. */
    @Test
    void whatIsInATransactionCountsOnceThatIsCommitted() {
        take(100, 101, 102);

        OffsetAndMetadata first = ledger.with(List.of(100L, 102L)).toCommit();
        OffsetAndMetadata other = ledger.with(List.of(101L)).toCommit();

        assertThat(CommittedOffsets.of(first)).isEqualTo(new CommittedOffsets(101, new TreeSet<>(List.of(102L))));
        assertThat(CommittedOffsets.of(other)).isEqualTo(new CommittedOffsets(100, new TreeSet<>(List.of(101L))));
        assertThat(committed(ledger).offset()).isEqualTo(100);
    }

    /** Ends of transactions and aborted records take offsets, too; a console counts them as lag until then. */
    @Test
    void positionIsWorthACommitOnceNothingIsInFlight() {
        take(100);
        ledger.reached(101);
        assertThat(ledger.isAheadOfItsCommit()).isFalse();
        answer(100);
        assertThat(ledger.isAheadOfItsCommit()).isFalse();

        ledger.reached(105);

        assertThat(ledger.isAheadOfItsCommit()).isTrue();
        answer();
        assertThat(ledger.isAheadOfItsCommit()).isFalse();
        assertThat(committed(ledger).offset()).isEqualTo(105);
    }

    @Test
    void successorRepeatsNoAnswerBeyondTheCommittedOffset() {
        take(100, 101, 102, 103);
        answer(101, 103);

        PartitionLedger successor = new PartitionLedger(CommittedOffsets.of(committed(ledger)), "");

        assertThat(successor.take(100)).isTrue();
        assertThat(successor.take(101)).isFalse();
        assertThat(successor.take(102)).isTrue();
        assertThat(successor.take(103)).isFalse();
        assertThat(successor.take(104)).isTrue();
    }

    @Test
    void successorThatAnswersNothingYetPassesOnWhatItWasTold() {
        take(100, 101, 102);
        answer(102);

        PartitionLedger second = new PartitionLedger(CommittedOffsets.of(committed(ledger)), "");
        PartitionLedger third = new PartitionLedger(CommittedOffsets.of(committed(second)), "");

        assertThat(third.take(100)).isTrue();
        assertThat(third.take(102)).isFalse();
    }

    @Test
    void offsetsThatHoldNoRecordBlockNothing() {
        take(100, 105);

        answer(100, 105);

        assertThat(committed(ledger).offset()).isEqualTo(106);
    }

    @Test
    void answerFarAheadWaitsUntilTheMetadataCanTellIt() {
        take(100, 100 + CommittedOffsets.WINDOW);

        assertThat(ledger.fits(100 + CommittedOffsets.WINDOW)).isFalse();
        answer(100);

        assertThat(ledger.fits(100 + CommittedOffsets.WINDOW)).isTrue();
    }

    @Test
    void fullWindowFitsIntoABrokersMetadata() {
        for (long offset = 100; offset < 100 + CommittedOffsets.WINDOW; offset++) {
            ledger.take(offset);
        }
        answer(LongStream.range(101, 100 + CommittedOffsets.WINDOW).toArray());

        assertThat(committed(ledger).metadata().length()).isLessThan(MAX_METADATA_BYTES);
        assertThat(ledger.hasRoom(1)).isFalse();
    }

    @Test
    void metadataOfAnotherToolSaysNothing() {
        assertThat(CommittedOffsets.of(new OffsetAndMetadata(7, "reset by hand"))
                        .answered())
                .isEmpty();
        assertThat(CommittedOffsets.of(new OffsetAndMetadata(7, "answered:!!")).answered())
                .isEmpty();
    }

    @Test
    void closedLedgerTakesNothing() {
        ledger.close();

        assertThat(ledger.take(100)).isFalse();
        assertThat(ledger.isClosed()).isTrue();
    }

    @Test
    void whateverTheOrderOfAnswersAndCrashesEachOffsetIsAnsweredOnce() {
        for (long seed = 0; seed < 200; seed++) {
            assertThat(answersOfARandomRun(new Random(seed)))
                    .as("seed %d", seed)
                    .containsOnly(1)
                    .hasSize(60);
        }
    }

    private static int[] answersOfARandomRun(Random random) {
        int[] answers = new int[60];
        PartitionLedger current = new PartitionLedger(null, "");
        OffsetAndMetadata committed = new OffsetAndMetadata(0);
        TreeSet<Long> inFlight = new TreeSet<>();
        long next = 0;
        while (committed.offset() < answers.length) {
            if (random.nextInt(10) == 0) {
                current = new PartitionLedger(CommittedOffsets.of(committed), "");
                next = committed.offset();
                inFlight.clear();
            }
            if (next < answers.length && current.take(next)) {
                inFlight.add(next);
            }
            next++;
            if (!inFlight.isEmpty() && random.nextBoolean()) {
                long offset = inFlight.stream()
                        .skip(random.nextInt(inFlight.size()))
                        .findFirst()
                        .orElseThrow();
                OffsetAndMetadata inTransaction = current.with(List.of(offset)).toCommit();
                if (random.nextBoolean()) { // else it was aborted, and waits
                    answers[(int) offset]++;
                    committed = inTransaction;
                    current.committed(List.of(offset), inTransaction.offset());
                    inFlight.remove(offset);
                }
            }
        }
        return answers;
    }

    private void take(long... offsets) {
        for (long offset : offsets) {
            assertThat(ledger.take(offset)).isTrue();
        }
    }

    private void answer(long... offsets) {
        List<Long> answered = Arrays.stream(offsets).boxed().toList();
        assertThat(answered).allMatch(ledger::fits);
        ledger.committed(answered, ledger.with(answered).base());
    }

    private static OffsetAndMetadata committed(PartitionLedger ledger) {
        return ledger.with(List.of()).toCommit();
    }
}
