package io.github.finetide.message;

/** How the learning rate moves from epoch to epoch. */
public enum ScheduleName implements WireName {
    CONSTANT("constant"),
    STEP("step"),
    COSINE("cosine");

    private final String wire;

    ScheduleName(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
