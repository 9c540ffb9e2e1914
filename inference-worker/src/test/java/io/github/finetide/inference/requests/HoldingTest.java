package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

class HoldingTest {
    private static final Duration HARMLESS = Duration.ofMinutes(3);

    @Test
    void whoGivesBackHasNotDied() {
        Holding holding = Holding.NONE.takenBy("a").givenBack().takenBy("b");

        assertThat(holding.deaths()).isZero();
        assertThat(holding.takenBy("b").deaths()).as("the same process").isZero();
        assertThat(holding.takenBy("c").deaths()).isEqualTo(1);
    }

    @Test
    void requestIsDeadlyAfterDeathsInARowWithItAlone() {
        Holding holding = Holding.NONE;
        int deaths = 0;
        while (!holding.isDeadly(57)) {
            holding = holding.takenBy("owner-" + deaths);
            if (holding.isDeadly(57)) {
                break;
            }
            if (holding.isCareful()) {
                holding = holding.trying(57);
            }
            deaths++;
        }

        assertThat(deaths).isEqualTo(Holding.MOST_DEATHS);
        assertThat(holding.isDeadly(58)).isFalse();
        assertThat(holding.answered().isDeadly(57)).isFalse();
    }

    @Test
    void whatWasAnsweredAloneIsNotTheCulprit() {
        Holding holding = new Holding("a", 3, 57, 1).answered().trying(58);

        assertThat(holding.takenBy("b").deathsAlone()).isEqualTo(1);
    }

    @Test
    void travelsBesideWhatIsAnswered() {
        CommittedOffsets offsets =
                new CommittedOffsets(5, new TreeSet<>(List.of(7L)), new Holding("a1b2c3d4", 4, 6, 1), "");

        assertThat(CommittedOffsets.of(offsets.toCommit())).isEqualTo(offsets);
        assertThat(CommittedOffsets.of(new OffsetAndMetadata(5, "held:what,is,this")))
                .isEqualTo(new CommittedOffsets(5, new TreeSet<>()));
    }

    @Test
    void deathsAreForgottenWhenAnOwnerLivesOn() {
        PartitionLedger ledger =
                new PartitionLedger(new CommittedOffsets(0, new TreeSet<>(), new Holding("dead", 1, -1, 0), ""), "");
        ledger.hold("b", 0);

        ledger.forgetDeathsAfter(HARMLESS, HARMLESS.toNanos());
        assertThat(ledger.with(List.of()).holding().deaths()).isEqualTo(2);
        ledger.forgetDeathsAfter(HARMLESS, HARMLESS.toNanos() + 1);
        assertThat(ledger.with(List.of()).holding().deaths()).isZero();
    }

    @Test
    void careEndsWhenAllSuspectsHaveBeenThrough() {
        PartitionLedger ledger =
                new PartitionLedger(new CommittedOffsets(0, new TreeSet<>(), new Holding("dead", 2, -1, 0), ""), "");
        ledger.hold("b", 0);

        for (long offset = 0; offset < 4; offset++) {
            assertThat(ledger.isCareful()).isTrue();
            ledger.tryAlone(offset, 3);
        }

        assertThat(ledger.isCareful()).isFalse();
    }
}
