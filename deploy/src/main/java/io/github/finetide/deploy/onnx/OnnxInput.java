package io.github.finetide.deploy.onnx;

/** What an exported network takes, each {@code [batch, 3, size, size]} in the order red, green, blue. */
public enum OnnxInput {
    /** As torchvision's: values in 0..1, minus the mean, divided by the deviation. */
    FLOAT,
    /** Pixels as they are; the network normalises them. */
    UINT8
}
