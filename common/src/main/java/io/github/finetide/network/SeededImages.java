package io.github.finetide.network;

import java.nio.ByteBuffer;

/**
 * Images where there are no photographs, for example to calibrate batch norm on: discs of one colour and light falling off
 * over a background. Noise would not do: a network sees nearly the same in every noise image, so that its statistics are
 * near 0.
 */
public final class SeededImages {
    private static final int DISCS = 12;

    private SeededImages() {}

    /** Returns n images, uint8 {@code [n, size, size, 3]}. */
    public static ByteBuffer draw(long seed, int n, int size) {
        ByteBuffer images = ByteBuffer.allocateDirect(n * size * size * 3);
        for (int i = 0; i < n; i++) {
            images.put(draw(new Draws(seed, "image " + i), size));
        }
        return images.flip();
    }

    private static byte[] draw(Draws draws, int size) {
        double[] rgb = new double[size * size * 3];
        disc(rgb, size, draws, 2 * size);
        for (int i = 0; i < DISCS; i++) {
            disc(rgb, size, draws, draws.between(0.03, 0.3) * size);
        }
        byte[] image = new byte[rgb.length];
        for (int i = 0; i < rgb.length; i++) {
            double grain = draws.between(-12, 12);
            image[i] = (byte) Math.max(0, Math.min(255, rgb[i] + grain));
        }
        return image;
    }

    /** Paints a disc somewhere in some colour, lighter to one side. */
    private static void disc(double[] rgb, int size, Draws draws, double radius) {
        double x = draws.between(0, size);
        double y = draws.between(0, size);
        double slope = draws.between(-60, 60) / radius;
        double[] colour = {draws.between(0, 255), draws.between(0, 255), draws.between(0, 255)};
        for (int i = 0; i < rgb.length; i++) {
            int pixel = i / 3;
            double dx = pixel % size - x;
            double dy = Math.floorDiv(pixel, size) - y;
            if (dx * dx + dy * dy < radius * radius) {
                rgb[i] = colour[i % 3] + slope * dx;
            }
        }
    }
}
