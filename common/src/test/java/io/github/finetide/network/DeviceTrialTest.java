package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Architecture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeviceTrialTest {
    private static final int IMAGE_SIZE = 32;

    @Test
    void theProcessorComputesWhatTheProcessorDoes() {
        List<DeviceTrial.Check> checks = new ArrayList<>();
        new DeviceTrial(DeviceChoice.CPU, Architecture.CNN, IMAGE_SIZE, 2).run(checks::add);

        assertThat(checks).allMatch(DeviceTrial.Check::passed);
        assertThat(checks)
                .extracting(DeviceTrial.Check::name)
                .startsWith("device", "fp32, probabilities", "fp32, features by batch statistics")
                .contains("loss after 3 steps of Adam, all parameters", "fp32, batch 2");
        assertThat(checks.get(1).measured()).isEqualTo("0.00e+00");
    }

    @Test
    void whatIsOffByMoreThanTheBoundFails() {
        assertThat(DeviceTrial.Check.within("x", 0.002, 0.001).passed()).isFalse();
        assertThat(DeviceTrial.Check.within("x", Double.POSITIVE_INFINITY, 0.001)
                        .passed())
                .isFalse();
        assertThat(DeviceTrial.Check.within("x", 0.001, 0.001).passed()).isTrue();
    }
}
