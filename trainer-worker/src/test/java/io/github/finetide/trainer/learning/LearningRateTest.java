package io.github.finetide.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.message.Schedule;
import io.github.finetide.message.ScheduleName;
import io.github.finetide.trainer.training.TrainingGolden;
import java.io.IOException;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class LearningRateTest {

    @Test
    void everyScheduleFollowsPyTorch() throws IOException {
        for (JsonNode golden : TrainingGolden.read("optimizers.json").get("schedules")) {
            LearningRate rate = new LearningRate(
                    golden.get("base").asDouble(),
                    schedule(golden),
                    golden.get("epochs").asInt());
            JsonNode rates = golden.get("rates");
            assertThat(rates.size()).isEqualTo(20);
            for (int epoch = 1; epoch <= rates.size(); epoch++) {
                double expected = rates.get(epoch - 1).asDouble();
                assertThat(rate.at(epoch)).as("%s epoch %s", golden, epoch).isCloseTo(expected, within(1e-9));
            }
        }
    }

    @Test
    void warmUpMayTakeTheWholeJob() {
        LearningRate rate = new LearningRate(0.3, new Schedule(ScheduleName.COSINE, 25, 0.5, 3), 3);
        assertThat(rate.at(1)).isCloseTo(0.1, within(1e-12));
        assertThat(rate.at(3)).isCloseTo(0.3 * 7 / 9, within(1e-12));
    }

    private static Schedule schedule(JsonNode golden) {
        return new Schedule(
                ScheduleName.valueOf(golden.get("name").asText().toUpperCase(Locale.ROOT)),
                golden.path("stepSize").asInt(25),
                golden.path("gamma").asDouble(0.5),
                golden.path("warmupEpochs").asInt(0));
    }
}
