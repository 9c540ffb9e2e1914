package io.github.finetide.message;

/** Where a job stands. The last three are final. */
public enum JobState implements WireName {
    QUEUED,
    RUNNING,
    PAUSED,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** In capitals, unlike other names. */
    @Override
    public String wire() {
        return name();
    }

    /** Whether nothing more happens to a job in this state. */
    public boolean isFinal() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
