package io.github.finetide.message;

import java.util.regex.Pattern;

/**
 * Text that may be shown to anybody: what proves who somebody is (the query of a web address, which holds the signature
 * of a presigned one, and a user's name and password) is left out. Everything that is published or logged goes through here: faults,
 * statuses, results, dead letters, log lines.
 */
public final class Redacted {
    private static final Pattern USER = Pattern.compile("(?i)\\b([a-z][a-z0-9+.-]*://)[^/\\s?#\"'<>@]*@");
    private static final Pattern QUERY = Pattern.compile(
            "(?i)\\b(https?:[^\\s?#\"'<>\\\\]*)[?#][^\\s\"'<>\\\\]+?(?=[:,;)]{0,3}(?:[\\s\"'<>\\\\]|$))");

    /** Wherever it stands: in a path, in a key, or behind a space that somebody left in a URI. */
    private static final Pattern PARAMETER = Pattern.compile(
            "(?i)\\b((?:x-(?:amz|goog|oss|cos|obs|ms)-)?(?:signature|credential|security-token)|sig|awsaccesskeyid"
                    + "|googleaccessid|ossaccesskeyid|access_token|key-pair-id|policy)(=|%3D)[^\\s&\"'<>\\\\;,]+");

    private Redacted() {}

    /** As {@link #text} for the one URI of an image, by whose other parameters its owner knows it: those stay. */
    public static String imageUri(String uri) {
        return PARAMETER.matcher(USER.matcher(uri).replaceAll("$1...@")).replaceAll("$1$2...");
    }

    /** The same text without signatures, tokens, user names and passwords in URIs. */
    public static String text(String text) {
        if (text.indexOf("://") < 0 && text.indexOf('=') < 0 && text.indexOf("%3D") < 0 && text.indexOf("%3d") < 0) {
            return text; // most of them
        }
        String withoutUser = USER.matcher(text).replaceAll("$1...@");
        String withoutQuery = QUERY.matcher(withoutUser).replaceAll("$1?...");
        return PARAMETER.matcher(withoutQuery).replaceAll("$1$2...");
    }
}
