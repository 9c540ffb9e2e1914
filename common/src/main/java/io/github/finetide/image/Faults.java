package io.github.finetide.image;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.net.URI;

/** The faults of this package, worded once. */
final class Faults {
    private static final int MAX_SHOWN = 300; // characters of a URI in a message

    private Faults() {}

    static FaultException of(ErrorKind kind, String message) {
        return new FaultException(kind, message);
    }

    static FaultException of(ErrorKind kind, String message, Throwable cause) {
        return new FaultException(kind, message, cause);
    }

    static FaultException undecodable(String message) {
        return new FaultException(ErrorKind.UNDECODABLE, message);
    }

    static FaultException tooLarge(String what, long actual, long limit, String unit) {
        return new FaultException(
                ErrorKind.TOO_LARGE, what + " " + actual + " " + unit + ", the limit is " + limit + " " + unit);
    }

    static FaultException moreThan(URI uri, long maxBytes) {
        return new FaultException(
                ErrorKind.TOO_LARGE, shown(uri) + " has more than the allowed " + maxBytes + " bytes");
    }

    /** Without user, password, query and fragment: those may hold credentials or signatures. */
    static String shown(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme() + ":";
        if (uri.isOpaque()) {
            return scheme + "...";
        }
        String host = uri.getHost() == null ? "" : uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
        String authority = uri.getRawAuthority() == null ? "" : "//" + host;
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String text = scheme + authority + path;
        return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
    }
}
