package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Fakes.FakeRequest;
import io.github.finetide.inference.model.Fakes.ManualBackground;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.ShadowComparison;
import io.github.finetide.message.ClassificationDisagreement;
import io.github.finetide.message.Json;
import io.github.finetide.message.Precision;
import io.github.finetide.message.VersionAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;

class DisagreementsTest {
    private static final ModelInfo INFO = new ModelInfo("m", "a@1", List.of("soup", "rice"), 2, Precision.FP32);
    private static final VersionAnswer ANSWER = new VersionAnswer("a@1", "soup", 0, 0.75, 0.7);
    private static final VersionAnswer OTHER = new VersionAnswer("b@1", "rice", 1, 0.5, 0.5);

    private final ManualBackground background = new ManualBackground();
    private final RefusingProducer producer = new RefusingProducer(record -> null);
    private Instant now = Fakes.NOW;
    private final Disagreements disagreements =
            new Disagreements("disagreements", "worker", () -> producer, background, () -> now);

    private static ShadowComparison comparison(VersionAnswer shadow) {
        FakeRequest request = new FakeRequest(Fakes.request("m", null), new ArrayList<>());
        return new ShadowComparison(request, INFO, ANSWER, shadow);
    }

    @Test
    void publishesWhatBothVersionsSay() {
        disagreements.compared(comparison(OTHER));
        background.runReady();

        assertThat(producer.history()).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("disagreements");
            assertThat(Json.read(record.value(), ClassificationDisagreement.class))
                    .isEqualTo(new ClassificationDisagreement(
                            "r1", "file:///images/a.png", "m", ANSWER, OTHER, "worker", Fakes.NOW));
        });
    }

    @Test
    void agreementByNameIsNone() {
        disagreements.compared(comparison(new VersionAnswer("b@1", "soup", 1, 0.5, 0.5)));
        background.runReady();

        assertThat(producer.history()).isEmpty();
    }

    @Test
    void aMinuteTakesSoMany() {
        for (int i = 0; i < 2 * Disagreements.MOST_A_MINUTE; i++) {
            disagreements.compared(comparison(OTHER));
            background.runReady();
        }
        assertThat(producer.history()).hasSize(Disagreements.MOST_A_MINUTE);
        now = now.plus(Duration.ofMinutes(1));
        disagreements.compared(comparison(OTHER));
        background.runReady();
        assertThat(producer.history()).hasSize(Disagreements.MOST_A_MINUTE + 1);
    }

    /** A topic that is missing takes a minute a record. */
    @Test
    void whatWaitsIsBoundedWhereKafkaIsAway() {
        for (int i = 0; i < 5 * Disagreements.MOST_A_MINUTE; i++) {
            disagreements.compared(comparison(OTHER));
            now = now.plus(Duration.ofSeconds(1));
        }
        background.runReady();

        assertThat(producer.history()).hasSize(Disagreements.MOST_A_MINUTE);
    }

    @Test
    void topicThatCannotBeWrittenHoldsUpNothing() {
        RefusingProducer refusing = new RefusingProducer(record -> new TopicAuthorizationException("disagreements"));
        try (Disagreements denied = new Disagreements("t", "worker", () -> refusing, background, () -> now)) {
            denied.compared(comparison(OTHER));
            denied.compared(comparison(OTHER));
            background.runReady();
        }
        assertThat(refusing.history()).isEmpty();
        assertThat(refusing.closed()).isTrue();
    }
}
