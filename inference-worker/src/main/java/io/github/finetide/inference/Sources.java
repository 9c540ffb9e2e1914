package io.github.finetide.inference;

import java.net.URI;

/** Names what an image's source shares its slowness with. */
final class Sources {
    private Sources() {}

    static String of(URI image) {
        String host = image.getAuthority();
        return image.getScheme() + "://" + (host == null ? "" : host);
    }
}
