package io.github.finetide.image.transform;

import io.github.finetide.image.Pixels;

/**
 * The colour operations of torchvision on PIL images, in place on {@code [n, 3]} bytes and equal to them byte for byte:
 * {@code ImageEnhance} is a {@code Image.blend} ({@code libImaging/Blend.c}: single precision, truncated), grey is
 * {@code convert("L")}, hue goes through {@code convert("HSV")} ({@code libImaging/Convert.c}).
 */
final class Color {
    private Color() {}

    /** {@code ImageEnhance.Brightness}: towards black. */
    static void brightness(byte[] rgb, double factor) {
        map(rgb, blendTable(0, (float) factor));
    }

    /** {@code ImageEnhance.Contrast}: towards the mean grey. */
    static void contrast(byte[] rgb, double factor) {
        long sum = 0;
        for (int i = 0; i < rgb.length; i += Pixels.CHANNELS) {
            sum += grey(rgb, i);
        }
        int pixels = rgb.length / Pixels.CHANNELS;
        int mean = (int) ((double) sum / pixels + 0.5);
        map(rgb, blendTable(mean, (float) factor));
    }

    /** {@code ImageEnhance.Color}: towards the grey of each pixel. */
    static void saturation(byte[] rgb, double factor) {
        float alpha = (float) factor;
        for (int i = 0; i < rgb.length; i += Pixels.CHANNELS) {
            int grey = grey(rgb, i);
            rgb[i] = (byte) blend(grey, rgb[i] & 0xff, alpha);
            rgb[i + 1] = (byte) blend(grey, rgb[i + 1] & 0xff, alpha);
            rgb[i + 2] = (byte) blend(grey, rgb[i + 2] & 0xff, alpha);
        }
    }

    /** {@code rgb_to_grayscale} with three channels. */
    static void grayscale(byte[] rgb) {
        for (int i = 0; i < rgb.length; i += Pixels.CHANNELS) {
            byte grey = (byte) grey(rgb, i);
            rgb[i] = grey;
            rgb[i + 1] = grey;
            rgb[i + 2] = grey;
        }
    }

    /** ITU-R 601-2 luma in 16 bits, as {@code convert("L")}. */
    private static int grey(byte[] rgb, int i) {
        return ((rgb[i] & 0xff) * 19595 + (rgb[i + 1] & 0xff) * 38470 + (rgb[i + 2] & 0xff) * 7471 + 0x8000) >> 16;
    }

    private static byte[] blendTable(int from, float alpha) {
        byte[] table = new byte[256];
        for (int value = 0; value < table.length; value++) {
            table[value] = (byte) blend(from, value, alpha);
        }
        return table;
    }

    private static int blend(int from, int to, float alpha) {
        return Math.max(0, Math.min(255, (int) (from + alpha * (to - from))));
    }

    private static void map(byte[] rgb, byte[] table) {
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = table[rgb[i] & 0xff];
        }
    }
}
