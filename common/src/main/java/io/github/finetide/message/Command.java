package io.github.finetide.message;

/** What a user can ask of a job. */
public enum Command implements WireName {
    CANCEL("cancel"),
    PAUSE("pause"),
    RESUME("resume"),
    CHECKPOINT("checkpoint");

    private final String wire;

    Command(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
