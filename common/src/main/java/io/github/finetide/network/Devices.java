package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;

/** Where networks can run. A process uses one GPU, the first that it sees: {@code CUDA_VISIBLE_DEVICES} chooses. */
public final class Devices {
    private static final int BF16_CAPABILITY = 80;

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

    /**
     * Returns the processor.
     *
     * @throws FaultException UNAVAILABLE where libtorch cannot be loaded
     */
    static Device cpu() {
        engine();
        return Device.cpu();
    }

    /** Loads libtorch, where that was not done yet. */
    private static Engine engine() {
        try {
            return Engine.getEngine("PyTorch");
        } catch (RuntimeException | LinkageError why) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "libtorch cannot be loaded from %s (%s); the folder must be writable and not mounted noexec: choose"
                                    .formatted(Utils.getEngineCacheDir(), why)
                            + " another with --temp-dir",
                    why);
        }
    }

    /** Whether a GPU multiplies bf16 in its tensor cores. */
    static boolean multipliesBf16(Device gpu) {
        try {
            return multipliesBf16(CudaUtils.getComputeCapability(gpu.getDeviceId()));
        } catch (RuntimeException | LinkageError noDriver) {
            return false;
        }
    }

    /** @param capability major and minor version in one, as {@code 80}; bf16 came with 8.0 (Ampere) */
    static boolean multipliesBf16(String capability) {
        return capability.matches("[0-9]{2,4}") && Integer.parseInt(capability) >= BF16_CAPABILITY;
    }

    private static int gpus() {
        return engine().getGpuCount();
    }
}
