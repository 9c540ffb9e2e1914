package io.github.finetide.image.file;

/** CMYK to RGB as Pillow does it, without a colour profile. */
public final class Ink {
    private Ink() {}

    /** {@code cmyk2rgb} of {@code libImaging/Convert.c}: what is left of the white after one ink. */
    public static byte withoutInk(int ink, int white) {
        int product = ink * white + 128;
        return (byte) (white - (((product >> 8) + product) >> 8));
    }
}
