package io.github.finetide.message;

/** What trains: the head; the last stage and the head; everything. */
public enum Trainable implements WireName {
    HEAD("head"),
    LAYER4("layer4"),
    ALL("all");

    private final String wire;

    Trainable(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
