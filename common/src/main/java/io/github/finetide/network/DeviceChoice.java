package io.github.finetide.network;

import ai.djl.Device;

/** Where the network is to run, as {@code --device} says. */
public enum DeviceChoice {
    /** A GPU where libtorch sees one. */
    AUTO,
    CPU,
    GPU;

    /**
     * Returns the device; loads libtorch.
     *
     * @throws io.github.finetide.message.FaultException UNAVAILABLE for {@code GPU} where there is none
     */
    public Device device() {
        return switch (this) {
            case AUTO -> Devices.best();
            case CPU -> Devices.cpu();
            case GPU -> Devices.gpu();
        };
    }
}
