package io.github.finetide.message;

/** The networks a job can train (field {@code network}). */
public enum Architecture implements WireName {
    RESNET50("resnet50"),
    RESNET101("resnet101"),
    RESNET152("resnet152"),
    CNN("cnn");

    private final String wire;

    Architecture(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
