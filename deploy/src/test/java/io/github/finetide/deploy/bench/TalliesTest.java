package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Timings;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TalliesTest {
    private final LoadTally tally = new LoadTally(2);

    @Test
    void oneClassificationForEachRequestIsWhatLoadWants() {
        tally.add(classified(0));
        tally.add(classified(1));

        assertThatCode(tally::requireEachOnce).doesNotThrowAnyException();
    }

    @Test
    void aMissingResultIsFound() {
        tally.add(classified(1));

        assertThatThrownBy(tally::requireEachOnce).hasMessageContaining("1 of 2 answered");
    }

    @Test
    void aRepeatedResultIsFound() {
        tally.add(classified(0));
        tally.add(classified(1));
        tally.add(classified(1));

        assertThat(tally.answered()).isEqualTo(2);
        assertThatThrownBy(tally::requireEachOnce).hasMessageContaining("1 repeated");
    }

    @Test
    void aRejectionIsFound() {
        tally.add(classified(0));
        tally.add(rejected(1));

        assertThatThrownBy(tally::requireEachOnce).hasMessageContaining("1 rejected");
    }

    @Test
    void logitsDifferByTheirLargestDifferenceOverTheLargestLogit() {
        assertThat(NetworkSection.difference(List.of(1.0, -4.0), List.of(1.0, -3.0)))
                .isEqualTo(0.25);
        assertThat(NetworkSection.difference(List.of(1.0), List.of())).isNaN();
    }

    private static ClassificationResult classified(int number) {
        return new ClassificationResult.Classified(
                LoadTally.id(number), "file:///a.jpg", "bench", "j@1", List.of(), "w", Instant.EPOCH, Timings.NONE);
    }

    private static ClassificationResult rejected(int number) {
        return new ClassificationResult.Rejected(
                LoadTally.id(number),
                "file:///a.jpg",
                null,
                null,
                new ErrorDetail(ErrorKind.NOT_FOUND, "no file"),
                "w",
                Instant.EPOCH,
                Timings.NONE);
    }
}
