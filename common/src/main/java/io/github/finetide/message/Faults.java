package io.github.finetide.message;

import java.net.URI;

/** Faults that several classes report, worded once. */
public final class Faults {
    private static final int MAX_SHOWN = 300; // characters of a URI in a message

    private Faults() {}

    public static FaultException of(ErrorKind kind, String message) {
        return new FaultException(kind, message);
    }

    public static FaultException of(ErrorKind kind, String message, Throwable cause) {
        return new FaultException(kind, message, cause);
    }

    public static FaultException undecodable(String message) {
        return new FaultException(ErrorKind.UNDECODABLE, message);
    }

    public static FaultException tooLarge(String what, long actual, long limit, String unit) {
        return new FaultException(
                ErrorKind.TOO_LARGE, what + " " + actual + " " + unit + ", the limit is " + limit + " " + unit);
    }

    public static FaultException moreThan(URI uri, long maxBytes) {
        return new FaultException(
                ErrorKind.TOO_LARGE, shown(uri) + " has more than the allowed " + maxBytes + " bytes");
    }

    /** Without user, password, query and fragment: those may hold credentials or signatures. */
    public static String shown(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme() + ":";
        if (uri.isOpaque()) {
            return scheme + "...";
        }
        String authority = uri.getRawAuthority() == null
                ? ""
                : "//" + uri.getRawAuthority().replaceFirst(".*@", "");
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        return Shown.plain(scheme + authority + path + restOfKey(uri), MAX_SHOWN);
    }

    /** In an s3: URI these belong to the key. */
    private static String restOfKey(URI uri) {
        if (!"s3".equalsIgnoreCase(uri.getScheme())) {
            return "";
        }
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        return query + (uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment());
    }
}
