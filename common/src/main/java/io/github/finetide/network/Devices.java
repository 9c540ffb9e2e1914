package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.util.Utils;
import ai.djl.util.cuda.CudaUtils;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FailureSummary;
import io.github.finetide.message.FaultException;
import java.lang.management.MemoryUsage;
import java.util.Optional;

/** Where networks can run. A process uses one GPU, the first that it sees: {@code CUDA_VISIBLE_DEVICES} chooses. */
public final class Devices {
    private static final int BF16_CAPABILITY = 80;
    private static final String MPS = "mps";

    private Devices() {}

    /** Returns the first GPU, or the processor where libtorch sees none. */
    public static Device best() {
        return best(gpus());
    }

    static Device best(int gpus) {
        return gpus > 0 ? Device.gpu(0) : Device.cpu();
    }

    /**
     * Returns the first NVIDIA GPU.
     *
     * @throws FaultException UNAVAILABLE where libtorch sees none
     */
    public static Device cuda() {
        return cuda(gpus());
    }

    static Device cuda(int gpus) {
        if (gpus == 0) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "--device cuda: libtorch sees no GPU here; it takes the CUDA build (mvn -Pcuda) and a driver;"
                            + " finetide doctor shows what is missing");
        }
        return Device.gpu(0);
    }

    /**
     * Returns the GPU of an Apple processor.
     *
     * @throws FaultException UNAVAILABLE where libtorch cannot compute there
     */
    static Device mps() {
        Device mps = Device.of(MPS, 0);
        try (NDManager manager = engine().newBaseManager(mps);
                NDArray one = manager.create(1f);
                NDArray two = one.add(one)) {
            two.toFloatArray();
            return mps;
        } catch (RuntimeException why) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "--device mps: libtorch cannot compute there; it takes a Mac with an Apple" + " processor ("
                            + FailureSummary.of(why) + ")",
                    why);
        }
    }

    /** Whether results must be fetched from the device's own memory. */
    public static boolean isAccelerator(Device device) {
        return !device.equals(Device.cpu());
    }

    /** PyTorch's name of a device: {@code cpu}, {@code cuda:0} or {@code mps}. */
    public static String name(Device device) {
        if (device.isGpu()) {
            return "cuda:" + device.getDeviceId();
        }
        return device.getDeviceType();
    }

    /** Memory of a GPU: that which is in use, by all processes, and all of it. */
    public record Memory(long usedBytes, long totalBytes) {}

    /** Returns an NVIDIA GPU's memory; empty for other devices, and where the CUDA runtime does not answer. */
    public static Optional<Memory> memory(Device device) {
        if (!device.isGpu()) {
            return Optional.empty();
        }
        try {
            MemoryUsage usage = CudaUtils.getGpuMemory(device);
            return Optional.of(new Memory(usage.getUsed(), usage.getMax()));
        } catch (RuntimeException | LinkageError noDriver) {
            return Optional.empty();
        }
    }

    /** As {@link #memory}, of the GPU that {@code --device auto} takes; empty where it takes none. */
    public static Optional<Memory> gpuMemory() {
        return gpus() > 0 ? memory(best()) : Optional.empty();
    }

    /** Returns version of the CUDA runtime and the first GPU's compute capability, as {@code 12.8, capability 9.0}. */
    public static Optional<String> cudaRuntime() {
        try {
            return CudaUtils.hasCuda()
                    ? Optional.of(CudaUtils.getCudaVersionString() + ", capability "
                            + CudaUtils.getComputeCapability(0).replaceFirst("(.)$", ".$1"))
                    : Optional.empty();
        } catch (RuntimeException | LinkageError noDriver) {
            return Optional.empty();
        }
    }

    /** Returns libtorch's version and how many NVIDIA GPUs it sees; loads it. */
    public static Libtorch libtorch() {
        return new Libtorch(engine().getVersion(), gpus());
    }

    /** What is loaded. */
    public record Libtorch(String version, int gpus) {}

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
