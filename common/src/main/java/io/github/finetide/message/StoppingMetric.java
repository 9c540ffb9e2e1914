package io.github.finetide.message;

/** What early stopping watches on the validation set. */
public enum StoppingMetric implements WireName {
    ACCURACY("accuracy"),
    LOSS("loss");

    private final String wire;

    StoppingMetric(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
