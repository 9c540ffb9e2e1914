package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import io.github.finetide.message.Shown;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.net.URISyntaxException;

/** URIs from the text of a manifest. */
public final class ImageUri {
    private ImageUri() {}

    /**
     * A path or URI as people write it, spaces and all; relative paths are relative to the folder of {@code base}. In a
     * path every character stands for itself; in a URI {@code %20} is a space.
     */
    public static URI below(URI base, String text) {
        if (UriText.isForeign(text)) {
            throw Faults.of(ErrorKind.INVALID, Shown.of(text) + ": " + UriText.unsupported());
        }
        try {
            return UriText.isUri(text) ? UriText.lenient(text) : relative(base, text);
        } catch (URISyntaxException e) {
            throw Faults.of(ErrorKind.INVALID, Shown.of(text) + " is not a path or URI: " + e.getReason(), e);
        }
    }

    /** A file by its path in a folder, whose URI ends in {@code /}; every character stands for itself. */
    public static URI inFolder(URI folder, String path) {
        try {
            boolean inBucket = "s3".equalsIgnoreCase(folder.getScheme());
            return inBucket ? UriText.s3(folder.getRawAuthority(), UriText.key(folder) + path) : relative(folder, path);
        } catch (URISyntaxException e) {
            throw Faults.of(ErrorKind.INVALID, Shown.of(path) + " is not a path: " + e.getReason(), e);
        }
    }

    private static URI relative(URI base, String text) throws URISyntaxException {
        boolean inBucket = "s3".equalsIgnoreCase(base.getScheme());
        String place = inBucket ? "/" + UriText.key(base) : base.getPath();
        if (place == null) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(base) + " is no place a path can be relative to");
        }
        String path = text.startsWith("/") ? text : place.substring(0, place.lastIndexOf('/') + 1) + text;
        if ("file".equalsIgnoreCase(base.getScheme())) {
            // A folder that is a link makes "x/.." mean something else: only the file system knows.
            return new URI(base.getScheme(), base.getRawAuthority(), path, null, null);
        }
        String authority = base.getRawAuthority() == null ? "" : "//" + base.getRawAuthority();
        return new URI(base.getScheme() + ":" + authority + UriText.escapedPath(UriText.withoutDots(path)));
    }
}
