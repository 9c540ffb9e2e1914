package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.network.Network;
import io.github.finetide.trainer.data.Batch;
import java.util.Arrays;

/** Brings a batch to the device of its network. */
final class Inputs {
    private Inputs() {}

    /** Pixels or features, owned by the scope. */
    static NDArray onDevice(Network network, Batch batch, NDManager scope) {
        try (NDManager host = network.hostScope()) {
            return network.onDevice(batch.input(host), scope);
        }
    }

    /** Labels, int64 {@code [n]}, owned by the scope. */
    static NDArray labels(Network network, Batch batch, NDManager scope) {
        long[] labels = Arrays.stream(batch.labels()).asLongStream().toArray();
        try (NDManager host = network.hostScope()) {
            return network.onDevice(host.create(labels), scope);
        }
    }
}
