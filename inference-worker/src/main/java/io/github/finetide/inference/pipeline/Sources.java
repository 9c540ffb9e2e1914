package io.github.finetide.inference.pipeline;

import java.net.URI;
import java.util.Locale;

/** Names what an image's source shares its slowness with. */
final class Sources {
    private Sources() {}

    /** Of all that share a bucket's endpoint, or a host and port. */
    static String of(URI image) {
        if ("s3".equals(image.getScheme())) {
            return "s3:";
        }
        if (image.getHost() == null) { // with _ or letters beyond ASCII in its name
            return image.getScheme() + "://"
                    + String.valueOf(image.getRawAuthority()).toLowerCase(Locale.ROOT);
        }
        String host = image.getHost().toLowerCase(Locale.ROOT);
        return image.getScheme() + "://" + host + ":" + image.getPort();
    }
}
