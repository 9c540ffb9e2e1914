package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;

/** Where networks can run. A process uses one GPU, the first that it sees: {@code CUDA_VISIBLE_DEVICES} chooses. */
public final class Devices {
    private Devices() {}

    /** Returns the first GPU, or the processor where libtorch sees none. */
    public static Device best() {
        return best(gpus());
    }

    static Device best(int gpus) {
        return gpus > 0 ? Device.gpu(0) : Device.cpu();
    }

    /**
     * Returns the first GPU.
     *
     * @throws FaultException UNAVAILABLE where libtorch sees none
     */
    public static Device gpu() {
        return gpu(gpus());
    }

    static Device gpu(int gpus) {
        if (gpus == 0) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "--device gpu: libtorch sees no GPU here; it takes the CUDA build (mvn -Pcuda) and a driver");
        }
        return Device.gpu(0);
    }

    private static int gpus() {
        return Engine.getEngine("PyTorch").getGpuCount();
    }
}
