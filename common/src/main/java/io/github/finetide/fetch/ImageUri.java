package io.github.finetide.fetch;

import io.github.finetide.message.Faults;

import io.github.finetide.message.ErrorKind;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/** URIs from the text of a manifest. */
public final class ImageUri {
    private static final Pattern HAS_SCHEME = Pattern.compile("(?i)(file|https?|s3):.*");

    private ImageUri() {}

    /** A path or URI as people write it, spaces and all; relative paths are relative to the folder of {@code base}. */
    public static URI below(URI base, String text) {
        try {
            if (HAS_SCHEME.matcher(text).matches()) {
                return absolute(text);
            }
            if (base.getPath() == null) {
                throw Faults.of(ErrorKind.INVALID, Faults.shown(base) + " is no place a path can be relative to");
            }
            String folder = base.getPath().substring(0, base.getPath().lastIndexOf('/') + 1);
            String path = text.startsWith("/") ? text : folder + text;
            URI uri = new URI(base.getScheme(), base.getRawAuthority(), path, null, null);
            // A folder that is a link makes "x/.." mean something else: only the file system can tell.
            return "file".equals(base.getScheme()) ? uri : uri.normalize();
        } catch (URISyntaxException e) {
            throw Faults.of(ErrorKind.INVALID, "\"" + text + "\" is not a path or URI: " + e.getReason(), e);
        }
    }

    private static URI absolute(String text) throws URISyntaxException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            int colon = text.indexOf(':');
            return new URI(text.substring(0, colon), text.substring(colon + 1), null); // quotes what is not allowed
        }
    }
}
