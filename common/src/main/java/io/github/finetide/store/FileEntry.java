package io.github.finetide.store;

import io.github.finetide.message.FaultException;
import java.util.regex.Pattern;

/**
 * A file of a checkpoint.
 *
 * @param sha256 of its bytes, in lower-case hexadecimal
 */
public record FileEntry(String name, long sizeBytes, String sha256) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public FileEntry {
        require(NAME.matcher(name).matches(), "name", name, NAME.pattern());
        require(sizeBytes >= 0, "sizeBytes", sizeBytes, "0 or more");
        require(SHA256.matcher(sha256).matches(), "sha256", sha256, "64 hexadecimal digits in lower case");
    }

    static boolean isSha256(String text) {
        return SHA256.matcher(text).matches();
    }

    private static void require(boolean ok, String field, Object value, String allowed) {
        if (!ok) {
            throw FaultException.invalid(field, value, allowed);
        }
    }
}
