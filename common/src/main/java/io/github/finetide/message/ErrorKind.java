package io.github.finetide.message;

import java.util.Arrays;

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

    /** The kind of that name; one that only newer versions know is an error of theirs. */
    static ErrorKind ofNewerVersion(String wire) {
        return Arrays.stream(values())
                .filter(kind -> kind.wire().equals(wire))
                .findFirst()
                .orElse(INTERNAL);
    }

    /** Whether the same work may succeed later without anybody changing it. */
    public boolean isTransient() {
        return this == UNAVAILABLE;
    }
}
