package io.github.finetide.deploy.sample;

import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.Random;

/** One photo of a dish: table, plate, food, light. All but the food is drawn without regard to the kind of dish. */
final class Scene {
    private static final int MIN_SIDE = 180; // pixels; the network sees them resized to one size anyway
    private static final int MAX_SIDE = 320;
    private static final double MAX_STRETCH = 1.3; // of one side over the other
    private static final int[] CLOTHS = {0xb98f5e, 0x6d7f8c, 0xe6ddcf, 0x4b3b30, 0x9aa58f, 0x7b2f35, 0x35506b, 0xcfc4b2
    };
    private static final int[] PLATES = {0xf7f6f2, 0xeeeade, 0xdfe6ea, 0xf1e2d0, 0xd8d8d8};

    private final Random random;

    Scene(Random random) {
        this.random = random;
    }

    BufferedImage photograph(Dish dish) {
        int width = MIN_SIDE + random.nextInt(MAX_SIDE - MIN_SIDE);
        int height = (int) (width * Math.pow(MAX_STRETCH, 2 * random.nextDouble() - 1));
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        Brush brush = new Brush(graphics, random);
        table(graphics, brush, width, height);
        double radius = Math.min(width, height) / 2.0 * brush.between(0.72, 0.98);
        graphics.translate(width * brush.between(0.44, 0.56), height * brush.between(0.44, 0.56));
        graphics.scale(radius, radius * brush.between(0.88, 1));
        plate(graphics, brush);
        graphics.rotate(brush.between(0, 2 * Math.PI));
        double portion = brush.between(0.78, 0.92);
        graphics.scale(portion, portion);
        dish.draw(brush);
        graphics.dispose();
        light(image, brush);
        return image;
    }

    private void table(Graphics2D graphics, Brush brush, int width, int height) {
        int cloth = CLOTHS[random.nextInt(CLOTHS.length)];
        graphics.setColor(brush.near(cloth));
        graphics.fillRect(0, 0, width, height);
        int stripes = random.nextInt(3) * 5; // none, or 5, or 10: plain, planks, checks
        for (int i = 0; i < stripes; i++) {
            graphics.setColor(brush.near(cloth));
            double at = i * 2.0 / stripes * Math.max(width, height);
            graphics.fill(new Rectangle2D.Double(at, 0, Math.max(width, height) / (double) stripes, height));
        }
    }

    private void plate(Graphics2D graphics, Brush brush) {
        graphics.setColor(new Color(0, 0, 0, 70));
        graphics.fill(new Ellipse2D.Double(-0.97, -0.95, 2.03, 2.03));
        int color = PLATES[random.nextInt(PLATES.length)];
        graphics.setColor(brush.near(color));
        graphics.fill(new Ellipse2D.Double(-1, -1, 2, 2));
        graphics.setPaint(new GradientPaint(-1, -1, brush.near(color).darker(), 1, 1, brush.near(color)));
        graphics.fill(new Ellipse2D.Double(-0.8, -0.8, 1.6, 1.6));
        graphics.setColor(brush.near(color));
        graphics.fill(new Ellipse2D.Double(-0.78, -0.78, 1.56, 1.56));
    }

    /** Brighter to one side, a warm or cold cast, and the noise of a small camera. */
    private void light(BufferedImage image, Brush brush) {
        double overall = brush.between(0.72, 1.12);
        double slopeX = brush.between(-0.18, 0.18);
        double slopeY = brush.between(-0.18, 0.18);
        double warmth = brush.between(-0.07, 0.07);
        double noise = brush.between(1, 5);
        int[] row = new int[image.getWidth()];
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, row.length, 1, row, 0, row.length);
            double left = overall + slopeY * (2.0 * y / image.getHeight() - 1) - slopeX;
            for (int x = 0; x < row.length; x++) {
                double here = left + slopeX * 2.0 * x / row.length;
                double grain = random.nextGaussian() * noise;
                int red = exposed(row[x] >> 16 & 255, here * (1 + warmth), grain);
                int green = exposed(row[x] >> 8 & 255, here, grain);
                int blue = exposed(row[x] & 255, here * (1 - warmth), grain);
                row[x] = red << 16 | green << 8 | blue;
            }
            image.setRGB(0, y, row.length, 1, row, 0, row.length);
        }
    }

    private static int exposed(int value, double light, double grain) {
        return (int) Math.max(0, Math.min(255, value * light + grain));
    }
}
