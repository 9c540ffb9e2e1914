package io.github.finetide.message;

/** What went wrong: one word shared by results, statuses, dead letters, metrics and alerts. */
public enum ErrorKind implements WireName {
    MALFORMED,
    INVALID,
    NOT_ALLOWED,
    NOT_FOUND,
    TOO_LARGE,
    UNDECODABLE,
    UNKNOWN_MODEL,
    EXPIRED,
    UNAVAILABLE,
    INTERNAL,
    NOT_FINITE,
    NO_SPACE,
    OUT_OF_MEMORY,
    ATTEMPTS_EXHAUSTED;

    /** Whether the same work may succeed later without anybody changing it. */
    public boolean isTransient() {
        return this == UNAVAILABLE;
    }
}
