package io.github.finetide.message;

/** How the layers that do not train are computed. */
public enum Precision implements WireName {
    FP32("fp32"),
    BF16("bf16"),
    INT8("int8");

    private final String wire;

    Precision(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
