package io.github.finetide.message;

/** Which checkpoint is announced when a job ends. */
public enum ReleasePolicy implements WireName {
    BEST("best"),
    LAST("last"),
    NONE("none");

    private final String wire;

    ReleasePolicy(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
