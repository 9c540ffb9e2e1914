package io.github.finetide.network;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.Trainable;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NetworkTest {
    @ParameterizedTest
    @EnumSource(names = {"CNN", "RESNET50"})
    void logitsEqualPyTorchsInBothModesOfBatchNorm(Architecture architecture) throws IOException {
        Golden golden = new Golden(architecture);
        try (Network network = golden.open()) {
            golden.checkLogits("running", Golden.logits(network, 0, false));
            float[] logits = {};
            for (int step = 0; step < 3; step++) {
                logits = Golden.logits(network, step, true);
            }
            golden.checkLogits("batch", logits);
            golden.checkLogits("after", Golden.logits(network, 3, false));
            if (architecture != Architecture.CNN) {
                golden.checkStatistics(network);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsOfResNetEqualPyTorchs(Trainable trainable) throws IOException {
        Golden golden = new Golden(Architecture.RESNET50);
        golden.checkGradients(trainable, true, 0);
        golden.checkGradients(trainable, false, 0.1);
    }

    @ParameterizedTest
    @EnumSource
    void gradientsOfCnnEqualPyTorchs(Trainable trainable) throws IOException {
        Golden golden = new Golden(Architecture.CNN);
        golden.checkGradients(trainable, true, 0);
        golden.checkGradients(trainable, false, 0.1);
    }
}
