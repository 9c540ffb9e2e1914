package io.github.finetide.image.transform;

import io.github.finetide.image.Pixels;

/**
 * {@code adjust_hue} of torchvision on PIL images: to HSV bytes, hue moved by {@code uint8(factor * 255)} with wrap, and
 * back ({@code rgb2hsv_row} and {@code hsv2rgb} of {@code libImaging/Convert.c}, with their single-precision steps).
 *
 * <p>A pixel's hue depends only on which channel is largest, which smallest, on the distance between them and on how far
 * the middle one lies from the largest: 6 x 256 x 256 cases, worked out once. So are saturation and the smallest channel
 * of the way back.
 */
final class Hue {
    private static final int SIDE = 256;

    /** Index {@code (sector, range, distance of the middle channel from the largest)}. */
    private static final byte[] HUES = hues();

    /** Index {@code (range, largest)}. */
    private static final byte[] SATURATIONS = saturations();

    /** Index {@code (saturation, value)}: the smallest channel on the way back. */
    private static final byte[] SMALLEST = smallest();

    private Hue() {}

    static void shift(byte[] rgb, double factor) {
        int shift = (int) (factor * 255);
        for (int i = 0; i < rgb.length; i += Pixels.CHANNELS) {
            int red = rgb[i] & 0xff;
            int green = rgb[i + 1] & 0xff;
            int blue = rgb[i + 2] & 0xff;
            int value = Math.max(red, Math.max(green, blue));
            int range = value - Math.min(red, Math.min(green, blue));
            int saturation = SATURATIONS[range * SIDE + value] & 0xff;
            int hue = (hue(red, green, blue, value, range) + shift) & 0xff;
            write(rgb, i, hue, saturation, value);
        }
    }

    private static int hue(int red, int green, int blue, int value, int range) {
        int sector;
        int middle;
        if (red == value) {
            sector = green >= blue ? 0 : 1;
            middle = Math.max(green, blue);
        } else if (green == value) {
            sector = blue >= red ? 2 : 3;
            middle = Math.max(blue, red);
        } else {
            sector = red >= green ? 4 : 5;
            middle = Math.max(red, green);
        }
        return HUES[(sector * SIDE + range) * SIDE + value - middle] & 0xff;
    }

    private static void write(byte[] rgb, int i, int hue, int saturation, int value) {
        int sector = (int) (hue * 6.0 / 255.0);
        byte largest = (byte) value;
        byte smallest = SMALLEST[saturation * SIDE + value];
        byte middle = (byte) middle(hue, sector, saturation, value);
        switch (sector % 6) {
            case 0 -> put(rgb, i, largest, middle, smallest);
            case 1 -> put(rgb, i, middle, largest, smallest);
            case 2 -> put(rgb, i, smallest, largest, middle);
            case 3 -> put(rgb, i, smallest, middle, largest);
            case 4 -> put(rgb, i, middle, smallest, largest);
            default -> put(rgb, i, largest, smallest, middle);
        }
    }

    private static void put(byte[] rgb, int i, byte red, byte green, byte blue) {
        rgb[i] = red;
        rgb[i + 1] = green;
        rgb[i + 2] = blue;
    }

    /** Pillow's {@code t} in even sectors, its {@code q} in odd ones. */
    private static int middle(int hue, int sector, int saturation, int value) {
        if (saturation == 0) {
            return value;
        }
        float fraction = (float) (hue * 6.0 / 255.0 - sector);
        float strength = (float) (saturation / 255.0);
        double kept = (sector & 1) == 0 ? 1.0 - strength * (1.0 - fraction) : 1.0 - (double) (strength * fraction);
        return Math.min(255, (int) (value * kept + 0.5));
    }

    private static byte[] smallest() {
        byte[] table = new byte[SIDE * SIDE];
        for (int saturation = 0; saturation < SIDE; saturation++) {
            float strength = (float) (saturation / 255.0);
            for (int value = 0; value < SIDE; value++) {
                table[saturation * SIDE + value] = (byte) (int) (value * (1.0 - strength) + 0.5);
            }
        }
        return table;
    }

    private static byte[] saturations() {
        byte[] table = new byte[SIDE * SIDE];
        for (int range = 1; range < SIDE; range++) {
            for (int value = range; value < SIDE; value++) {
                table[range * SIDE + value] = (byte) (int) ((float) range / (float) value * 255.0);
            }
        }
        return table;
    }

    private static byte[] hues() {
        byte[] table = new byte[6 * SIDE * SIDE];
        for (int sector = 0; sector < 6; sector++) {
            for (int range = 1; range < SIDE; range++) {
                for (int distance = 0; distance <= range; distance++) {
                    table[(sector * SIDE + range) * SIDE + distance] = hue(sector, (float) distance / range);
                }
            }
        }
        return table;
    }

    /** {@code distance} is that of the middle channel from the largest, over that of the smallest (which is 1). */
    private static byte hue(int sector, float distance) {
        // Sector pairs share the largest channel; in odd ones the channel that follows it is the smallest.
        float turned = (sector & 1) == 0 ? 1.0f - distance : distance - 1.0f;
        float raw = switch (sector) {
            case 0, 1 -> turned;
            case 2 -> (float) (2.0 + 1.0f - distance);
            case 3 -> (float) (2.0 + distance - 1.0f);
            case 4 -> (float) (4.0 + 1.0f - distance);
            default -> (float) (4.0 + distance - 1.0f);
        };
        float hue = (float) ((raw / 6.0 + 1.0) % 1.0);
        return (byte) (int) (hue * 255.0);
    }
}
