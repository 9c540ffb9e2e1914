package io.github.finetide.trainer.review;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** A small JPEG of an image as the network sees it. */
final class Thumbnail {
    private static final int EDGE = 112; // seen well on a page of nine in a row; about 4 KB of a photo

    private Thumbnail() {}

    /**
     * Makes one, in base64.
     *
     * @param rgb of {@code [edge, edge, 3]}
     */
    static String of(byte[] rgb, int edge) {
        BufferedImage image = new BufferedImage(edge, edge, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < edge * edge; i++) {
            int at = 3 * i;
            image.setRGB(i % edge, i / edge, (rgb[at] & 255) << 16 | (rgb[at + 1] & 255) << 8 | (rgb[at + 2] & 255));
        }
        return of(image);
    }

    /** Makes one of a square image, in base64. */
    static String of(BufferedImage image) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image.getWidth() <= EDGE ? image : scaled(image), "jpeg", out);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return Base64.getEncoder().encodeToString(out.toByteArray());
    }

    private static BufferedImage scaled(BufferedImage image) {
        BufferedImage small = new BufferedImage(EDGE, EDGE, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = small.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, EDGE, EDGE, null);
        graphics.dispose();
        return small;
    }
}
