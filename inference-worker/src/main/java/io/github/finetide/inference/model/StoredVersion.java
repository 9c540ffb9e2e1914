package io.github.finetide.inference.model;

import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version's place in the store, as its name says: {@code <jobId>@<epoch>}. */
record StoredVersion(String jobId, int epoch) {
    /** A job called "..", say, would lead out of the store. */
    private static final Pattern VERSION = Pattern.compile("(?!\\.+@)([A-Za-z0-9._-]{1,100})@([1-9][0-9]{0,4})");

    static Optional<StoredVersion> parse(String version) {
        Matcher matcher = VERSION.matcher(version);
        return matcher.matches()
                ? Optional.of(new StoredVersion(matcher.group(1), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    boolean isIn(URI folder) {
        String path = folder.getPath().replaceAll("/+$", "");
        return path.endsWith(String.format(Locale.ROOT, "/epoch-%04d", epoch));
    }
}
