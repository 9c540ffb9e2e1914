package io.github.finetide.image;

import io.github.finetide.message.ClassActivationMap;
import java.awt.image.BufferedImage;

/** An image under colours that show where in it a network saw a class: from blue, nothing, to red, most. */
public final class ActivationOverlay {
    /** Half and half: the image stays recognisable. */
    private static final double SHARE = 0.5;

    private ActivationOverlay() {}

    /** Draws it, as large as the image. */
    public static BufferedImage drawn(Pixels image, ClassActivationMap map) {
        double least = map.values().stream().mapToDouble(v -> v).min().orElse(0);
        double most = map.values().stream().mapToDouble(v -> v).max().orElse(0);
        double range = most > least ? most - least : 1;
        BufferedImage drawn = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        byte[] rgb = image.rgb();
        for (int y = 0; y < image.height(); y++) {
            double row = (y + 0.5) * map.height() / image.height() - 0.5;
            for (int x = 0; x < image.width(); x++) {
                double column = (x + 0.5) * map.width() / image.width() - 0.5;
                double heat = (at(map, row, column) - least) / range;
                drawn.setRGB(x, y, mixed(rgb, (y * image.width() + x) * Pixels.CHANNELS, heat));
            }
        }
        return drawn;
    }

    /** Between the map's places, as {@code torch.nn.functional.interpolate(mode="bilinear")}. */
    private static double at(ClassActivationMap map, double row, double column) {
        int top = (int) Math.floor(row);
        int left = (int) Math.floor(column);
        double down = row - top;
        double right = column - left;
        return (1 - down) * ((1 - right) * value(map, top, left) + right * value(map, top, left + 1))
                + down * ((1 - right) * value(map, top + 1, left) + right * value(map, top + 1, left + 1));
    }

    private static double value(ClassActivationMap map, int row, int column) {
        int y = Math.max(0, Math.min(map.height() - 1, row));
        int x = Math.max(0, Math.min(map.width() - 1, column));
        return map.values().get(y * map.width() + x);
    }

    private static int mixed(byte[] rgb, int at, double heat) {
        int colour = 0;
        for (int channel = 0; channel < Pixels.CHANNELS; channel++) {
            // Red, green and blue rise to their peaks at 1, 1/2 and 0.
            double peak = 1 - channel * 0.5;
            double hot = Math.max(0, Math.min(1, 1.5 - 3 * Math.abs(heat - peak))) * 255;
            double seen = rgb[at + channel] & 0xff;
            colour = colour << 8 | (int) Math.round(SHARE * hot + (1 - SHARE) * seen);
        }
        return colour;
    }
}
