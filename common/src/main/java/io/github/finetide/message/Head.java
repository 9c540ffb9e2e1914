package io.github.finetide.message;

/** Where the last linear layer starts: a fresh one, or the one in the weights. */
public enum Head implements WireName {
    NEW("new"),
    PRETRAINED("pretrained");

    private final String wire;

    Head(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
