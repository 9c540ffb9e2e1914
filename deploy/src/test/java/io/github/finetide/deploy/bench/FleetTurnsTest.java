package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What the sections of the fleet make of their turns. */
class FleetTurnsTest {
    private final Results results = new Results(Map.of(), false);
    private final HeadsSection.Turns heads = new HeadsSection.Turns();
    private final ScaleOutSection.Turns scaleOut = new ScaleOutSection.Turns();

    @Test
    void modelsCountByTheLeastTimeAndTheLeastMemory() {
        heads.add(HeadsSection.ONE, 0.5, OptionalDouble.of(800));
        heads.add(HeadsSection.ONE, 0.25, OptionalDouble.of(900));
        heads.report(results);

        assertThat(value("fleet.oneModel")).isEqualTo(4);
        assertThat(value("fleet.oneModel.residentSet")).isEqualTo(800);
    }

    @Test
    void memoryThatCannotBeMeasuredIsTold() {
        heads.add(HeadsSection.ONE, 0.5, OptionalDouble.empty());
        heads.report(results);

        assertThat(results.figures()).containsOnlyKeys("fleet.oneModel");
        assertThat(results.lines()).anyMatch(line -> line.startsWith("absent: fleet.residentSet: "));
    }

    @Test
    void fiftyModelsAreComparedToOne() {
        heads.add(HeadsSection.ONE, 0.1, OptionalDouble.of(800));
        heads.add(HeadsSection.FIFTY, 0.2, OptionalDouble.of(840));
        heads.report(results);

        assertThat(results.ratios())
                .containsOnly(entry("fiftyModelsVsOneTime", 2.0), entry("fiftyModelsVsOneMemory", 1.05));
    }

    @Test
    void coresOfBrokerAndClientAreThoseOfTheFastestTurn() {
        scaleOut.add(ScaleOutSection.ONE, 0.25, 0.3);
        scaleOut.add(ScaleOutSection.ONE, 0.5, 0.1);
        scaleOut.report(results);

        assertThat(value("fleet.oneWorker")).isEqualTo(4);
        assertThat(value("fleet.oneWorker.brokerAndClient")).isEqualTo(0.3);
    }

    @Test
    void twoWorkersAreComparedToOne() {
        scaleOut.add(ScaleOutSection.ONE, 0.2, 0);
        scaleOut.add(ScaleOutSection.TWO, 0.11, 0);
        scaleOut.report(results);

        assertThat(results.ratios()).containsOnlyKeys("twoWorkersVsOne");
        assertThat(results.ratios().get("twoWorkersVsOne")).isCloseTo(1.82, within(0.01));
    }

    private double value(String name) {
        return Objects.requireNonNull(results.figures().get(name)).value();
    }
}
