package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class FastPagesIT {
    @ParameterizedTest
    @EnumSource(names = {"RESNET101", "RESNET152"})
    void fastPagesComputeWhatThePlainOneDoes(Architecture architecture) {
        FastNetworks.checkAgainstPlain(architecture);
    }

    @Test
    void everyPageThatTheProcessorSupportsWorksWithThisLibtorch() {
        Set<Precision> supported = EnumSet.allOf(Precision.class);
        supported.removeIf(precision -> !FastPages.supports(Processor.here(), precision));
        assertThat(supported)
                .allMatch(precision -> FastPages.available(Architecture.RESNET152, precision, Device.cpu()));
    }
}
