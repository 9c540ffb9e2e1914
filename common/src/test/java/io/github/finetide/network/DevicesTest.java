package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.StateDict;
import org.junit.jupiter.api.Test;

class DevicesTest {
    @Test
    void theFirstGpuIsTakenWhereThereIsOneAndElseTheProcessor() {
        assertThat(Devices.best(0)).isEqualTo(Device.cpu());
        assertThat(Devices.best(2)).isEqualTo(Device.gpu(0));
        assertThat(Devices.gpu(2)).isEqualTo(Device.gpu(0));
    }

    @Test
    void aGpuThatIsNotThereIsAFaultThatSaysWhatIsMissing() {
        assertThatThrownBy(() -> Devices.gpu(0))
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
                .hasMessageContaining("--device gpu")
                .hasMessageContaining("cuda");
    }

    @Test
    void onTheProcessorNothingIsMovedAndTheBatchOwnsTheArray() {
        StateDict weights =
                RandomWeights.draw(Architecture.CNN, 1).with(InitialWeights.head(Architecture.CNN, 2, 32, 1));
        try (Network network = Network.open(NetworkOptions.of(Architecture.CNN), weights);
                NDManager batch = network.scope()) {
            NDArray moved;
            NDArray made;
            try (NDManager host = network.hostScope()) {
                made = host.create(new long[] {1, 2, 3});
                moved = network.onDevice(made, batch);
            }
            assertThat(moved).isSameAs(made);
            assertThat(moved.getManager()).isEqualTo(batch);
            assertThat(moved.toLongArray()).containsExactly(1, 2, 3);
        }
    }

    @Test
    void bf16IsFastFromAmpereOn() {
        assertThat(Devices.multipliesBf16("80")).isTrue();
        assertThat(Devices.multipliesBf16("120")).isTrue();
        assertThat(Devices.multipliesBf16("75")).isFalse();
        assertThat(Devices.multipliesBf16("")).isFalse();
    }
}
