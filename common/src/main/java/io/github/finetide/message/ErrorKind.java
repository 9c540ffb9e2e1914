package io.github.finetide.message;

/** What went wrong: one word shared by results, statuses, dead letters, metrics and alerts. */
public enum ErrorKind implements WireName {
    MALFORMED("malformed"),
    INVALID("invalid"),
    NOT_ALLOWED("not_allowed"),
    NOT_FOUND("not_found"),
    TOO_LARGE("too_large"),
    UNDECODABLE("undecodable"),
    UNKNOWN_MODEL("unknown_model"),
    EXPIRED("expired"),
    UNAVAILABLE("unavailable"),
    INTERNAL("internal"),
    NOT_FINITE("not_finite"),
    NO_SPACE("no_space"),
    OUT_OF_MEMORY("out_of_memory"),
    ATTEMPTS_EXHAUSTED("attempts_exhausted");

    private final String wire;

    ErrorKind(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }

    /** Whether the same work may succeed later without anybody changing it. */
    public boolean isTransient() {
        return this == UNAVAILABLE;
    }
}
