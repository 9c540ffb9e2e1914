package io.github.finetide.network;

import ai.djl.Device;

/** Where the network is to run, as {@code --device} says, in PyTorch's names. */
public enum DeviceChoice {
    /** An NVIDIA GPU where libtorch sees one, else the processor. */
    AUTO,
    CPU,
    /** An NVIDIA GPU. */
    CUDA,
    /** The same as {@link #CUDA}. */
    GPU,
    /** The GPU of an Apple processor. */
    MPS;

    /**
     * Returns the device; loads libtorch.
     *
     * @throws io.github.finetide.message.FaultException UNAVAILABLE for a GPU where there is none
     */
    public Device device() {
        return switch (this) {
            case AUTO -> Devices.best();
            case CPU -> Devices.cpu();
            case CUDA, GPU -> Devices.cuda();
            case MPS -> Devices.mps();
        };
    }
}
