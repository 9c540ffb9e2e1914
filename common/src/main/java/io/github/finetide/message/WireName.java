package io.github.finetide.message;

import java.util.Locale;

/** An enum constant with its spelling in JSON. */
public interface WireName {
    /** The constant's name, as {@link Enum#name}. */
    String name();

    /** The spelling in JSON, metrics and headers: the name in lower case. */
    default String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
