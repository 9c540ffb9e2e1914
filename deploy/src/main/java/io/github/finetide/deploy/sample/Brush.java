package io.github.finetide.deploy.sample;

import java.awt.AlphaComposite;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.Random;
import java.util.function.Consumer;

/** Draws food on a plate of radius 1 around the origin, with a hand that is never quite steady. */
final class Brush {
    private static final int OUTLINE_POINTS = 14;
    private static final double SHADOW_OFFSET = 0.03;

    private final Graphics2D graphics;
    private final Random random;

    Brush(Graphics2D graphics, Random random) {
        this.graphics = graphics;
        this.random = random;
    }

    double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** The colour, a little lighter or darker and a little off its hue. */
    Color near(int rgb) {
        float[] hsb = Color.RGBtoHSB(rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255, null);
        float hue = hsb[0] + (float) between(-0.015, 0.015);
        float saturation = clamp(hsb[1] * (float) between(0.88, 1.1));
        return Color.getHSBColor(hue, saturation, clamp(hsb[2] * (float) between(0.86, 1.1)));
    }

    private static float clamp(float value) {
        return Math.max(0, Math.min(1, value));
    }

    void disc(double x, double y, double radius, int rgb) {
        oval(x, y, radius, radius, 0, rgb);
    }

    void oval(double x, double y, double radiusX, double radiusY, double turn, int rgb) {
        solid(turned(new Ellipse2D.Double(-radiusX, -radiusY, 2 * radiusX, 2 * radiusY), x, y, turn), rgb);
    }

    void ring(double x, double y, double outer, double inner, int rgb) {
        Area area = new Area(turned(new Ellipse2D.Double(-outer, -outer, 2 * outer, 2 * outer), x, y, 0));
        area.subtract(new Area(turned(new Ellipse2D.Double(-inner, -inner, 2 * inner, 2 * inner), x, y, 0)));
        solid(area, rgb);
    }

    void box(double x, double y, double width, double height, double turn, int rgb) {
        solid(turned(new Rectangle2D.Double(-width / 2, -height / 2, width, height), x, y, turn), rgb);
    }

    /** A round outline out of true by {@code wobble} of its radius. */
    void blob(double x, double y, double radius, double wobble, int rgb) {
        Path2D path = new Path2D.Double();
        double[] radii = random.doubles(OUTLINE_POINTS, 1 - wobble, 1 + wobble).toArray();
        for (int i = 0; i <= OUTLINE_POINTS; i++) {
            double here = radii[i % OUTLINE_POINTS] * radius;
            double next = radii[(i + 1) % OUTLINE_POINTS] * radius;
            double angle = 2 * Math.PI * i / OUTLINE_POINTS;
            double step = 2 * Math.PI / OUTLINE_POINTS;
            double midX = (Math.cos(angle) * here + Math.cos(angle + step) * next) / 2;
            double midY = (Math.sin(angle) * here + Math.sin(angle + step) * next) / 2;
            if (i == 0) {
                path.moveTo(midX, midY);
            } else {
                path.quadTo(Math.cos(angle) * here, Math.sin(angle) * here, midX, midY);
            }
        }
        path.closePath();
        solid(turned(path, x, y, between(0, Math.PI)), rgb);
    }

    void wedge(double x, double y, double length, double width, double turn, int rgb) {
        Path2D path = new Path2D.Double();
        path.moveTo(-length / 2, 0);
        path.lineTo(length / 2, -width / 2);
        path.lineTo(length / 2, width / 2);
        path.closePath();
        solid(turned(path, x, y, turn), rgb);
    }

    /** A strand with one bend. */
    void strand(double x, double y, double length, double thickness, int rgb) {
        Path2D path = new Path2D.Double();
        path.moveTo(-length / 2, between(-0.1, 0.1));
        path.curveTo(-length / 5, between(-0.4, 0.4), length / 5, between(-0.4, 0.4), length / 2, between(-0.1, 0.1));
        line(turned(path, x, y, between(0, 2 * Math.PI)), thickness, rgb);
    }

    void line(Shape shape, double thickness, int rgb) {
        graphics.setColor(near(rgb));
        graphics.setStroke(new BasicStroke((float) thickness, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(shape);
    }

    /** {@code count} things at random places within {@code radius}; each is handed its place. */
    void scatter(int count, double radius, Consumer<double[]> thing) {
        int about = (int) Math.round(count * between(0.8, 1.2));
        for (int i = 0; i < about; i++) {
            double angle = between(0, 2 * Math.PI);
            double distance = radius * Math.sqrt(random.nextDouble());
            thing.accept(new double[] {Math.cos(angle) * distance, Math.sin(angle) * distance});
        }
    }

    /** {@code count} things evenly around a circle. */
    void around(int count, double radius, Consumer<double[]> thing) {
        double start = between(0, 2 * Math.PI);
        for (int i = 0; i < count; i++) {
            double angle = start + 2 * Math.PI * i / count + between(-0.1, 0.1);
            thing.accept(new double[] {Math.cos(angle) * radius, Math.sin(angle) * radius, angle});
        }
    }

    /** Fine speckles that give a surface its texture. */
    void speckle(int count, double radius, double size, int rgb) {
        scatter(count, radius, at -> {
            graphics.setColor(near(rgb));
            double s = size * between(0.6, 1.4);
            graphics.fill(new Ellipse2D.Double(at[0] - s / 2, at[1] - s / 2, s, s));
        });
    }

    private static Shape turned(Shape shape, double x, double y, double turn) {
        AffineTransform place = AffineTransform.getTranslateInstance(x, y);
        place.rotate(turn);
        return place.createTransformedShape(shape);
    }

    private void solid(Shape shape, int rgb) {
        graphics.setComposite(AlphaComposite.SrcOver.derive(0.25f));
        graphics.setColor(Color.BLACK);
        graphics.fill(AffineTransform.getTranslateInstance(SHADOW_OFFSET, SHADOW_OFFSET)
                .createTransformedShape(shape));
        graphics.setComposite(AlphaComposite.SrcOver);
        graphics.setColor(near(rgb));
        graphics.fill(shape);
    }
}
