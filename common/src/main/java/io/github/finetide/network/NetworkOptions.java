package io.github.finetide.network;

import ai.djl.Device;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;

/**
 * Which network to open and how to compute it.
 *
 * @param precision of the layers that do not train; the head, statistics and losses are always fp32
 * @param device where the tensors live
 */
public record NetworkOptions(Architecture architecture, Precision precision, Device device) {
    /** Returns the options for fp32 on the processor. */
    public static NetworkOptions of(Architecture architecture) {
        return new NetworkOptions(architecture, Precision.FP32, Device.cpu());
    }

    /** Returns the same in another precision. */
    NetworkOptions in(Precision other) {
        return new NetworkOptions(architecture, other, device);
    }
}
