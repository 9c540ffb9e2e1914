package io.github.finetide.store;

import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** Names of what is not published yet; no job, epoch or file is named so. */
final class Temporaries {
    static final String PREFIX = ".tmp-";

    private Temporaries() {}

    /** A name that no other owner, and no other time of this one, uses. */
    static String name(String owner) {
        String safe = owner.replaceAll("[^A-Za-z0-9._-]", "_");
        return String.format(
                Locale.ROOT,
                "%s%s-%016x",
                PREFIX,
                safe,
                ThreadLocalRandom.current().nextLong());
    }

    /** Whether a key lies below a temporary folder. */
    static boolean isTemporary(String key) {
        return key.startsWith(PREFIX) || key.contains("/" + PREFIX);
    }
}
