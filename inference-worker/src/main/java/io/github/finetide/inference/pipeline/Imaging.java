package io.github.finetide.inference.pipeline;

import io.github.finetide.image.Pixels;
import java.net.URI;

/** From a URI to what the network sees: the seam to the image package. */
interface Imaging {
    byte[] fetch(URI image);

    /** Waits until there is memory for it. */
    Pixels decode(byte[] encoded, int imageSize) throws InterruptedException;
}
