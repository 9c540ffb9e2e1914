package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.util.cuda.CudaUtils;
import io.github.finetide.message.Sha256;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The name of a frozen backbone: the same where it makes the same bits of the same pixels. It stands for the tensors'
 * content, the network, the precision it really runs in, the ranges of int8, the pages, libtorch, and the kind of processor.
 */
public final class BackboneKey {
    private static final int NAME_DIGITS = 32; // 128 bits of SHA-256

    private BackboneKey() {}

    /**
     * Returns it, as {@code resnet152-fp32-<digits>}.
     *
     * @param options what the network really runs in: {@link Network#options}
     * @param weights all tensors
     * @param ranges of the activations, where it runs in int8
     */
    public static String of(NetworkOptions options, StateDict weights, @Nullable ActivationRanges ranges) {
        MessageDigest digest = Sha256.start();
        Layout layout = Layout.of(options.architecture(), weights);
        for (String name : layout.backbone()) {
            if (!Layout.isBatchCount(name)) {
                TensorData tensor = weights.get(name);
                add(digest, name + Arrays.toString(tensor.shape()));
                digest.update(tensor.bytes());
            }
        }
        if (ranges != null) {
            Map<String, Float> sorted = new TreeMap<>(ranges.maxima());
            add(digest, sorted.toString());
        }
        digest.update(Pages.texts());
        add(digest, Engine.getEngine("PyTorch").getVersion() + " " + chip(options.device()));
        if (options.device().equals(Device.cpu()) && Kernels.arePlain(options.precision())) {
            add(digest, "plain kernels");
        }
        String network =
                options.architecture().wire() + "-" + options.precision().wire();
        return network + "-" + HexFormat.of().formatHex(digest.digest()).substring(0, NAME_DIGITS);
    }

    private static String chip(Device device) {
        if (device.isGpu()) {
            return "cuda " + CudaUtils.getComputeCapability(device.getDeviceId());
        }
        return Devices.isAccelerator(device)
                ? Devices.name(device)
                : Processor.here().kind();
    }

    private static void add(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }
}
