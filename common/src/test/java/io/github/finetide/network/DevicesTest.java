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
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class DevicesTest {
    @Test
    void theFirstGpuIsTakenWhereThereIsOneAndElseTheProcessor() {
        assertThat(Devices.best(0)).isEqualTo(Device.cpu());
        assertThat(Devices.best(2)).isEqualTo(Device.gpu(0));
        assertThat(Devices.cuda(2)).isEqualTo(Device.gpu(0));
    }

    @Test
    void aGpuThatIsNotThereIsAFaultThatSaysWhatIsMissing() {
        assertThatThrownBy(() -> Devices.cuda(0))
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
                .hasMessageContaining("--device cuda")
                .hasMessageContaining("doctor")
                .hasMessageContaining("cuda");
    }

    /** An Apple processor's is tried by computing; elsewhere that is one clear fault. */
    @Test
    void mpsThatIsNotThereIsAFaultThatSaysWhatItTakes() {
        Assumptions.assumeFalse(System.getProperty("os.name").startsWith("Mac"));
        assertThatThrownBy(DeviceChoice.MPS::device)
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
                .hasMessageContaining("--device mps")
                .hasMessageContaining("Apple");
    }

    @Test
    void devicesHavePyTorchsNames() {
        assertThat(Devices.name(Device.cpu())).isEqualTo("cpu");
        assertThat(Devices.name(Device.gpu(0))).isEqualTo("cuda:0");
        assertThat(Devices.name(Device.of("mps", 0))).isEqualTo("mps");
    }

    @Test
    void theProcessorHasNoMemoryOfItsOwn() {
        assertThat(Devices.memory(Device.cpu())).isEmpty();
        assertThat(Devices.isAccelerator(Device.cpu())).isFalse();
        assertThat(Devices.isAccelerator(Device.of("mps", 0))).isTrue();
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
