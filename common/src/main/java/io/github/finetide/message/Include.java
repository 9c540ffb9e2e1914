package io.github.finetide.message;

/** What a result may hold beside its predictions, for whoever asks for it. */
public enum Include implements WireName {
    EMBEDDING("embedding"),
    CAM("cam");

    private final String wire;

    Include(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
