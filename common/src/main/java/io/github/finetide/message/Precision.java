package io.github.finetide.message;

/** How the layers that do not train are computed. */
public enum Precision implements WireName {
    FP32,
    BF16,
    INT8
}
