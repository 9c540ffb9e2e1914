package io.github.finetide.deploy;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images of two classes, 32 x 32: a bright disc or a bright bar on noise. */
final class TinyImages {
    private static final int SIZE = 32;

    private TinyImages() {}

    /** Writes images and a manifest beside them; returns the manifest. */
    static Path write(Path folder, String name, int count, long seed) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(seed);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String file = name + "-" + i + ".png";
            ImageIO.write(image(i % 2, random), "png", folder.resolve(file).toFile());
            lines.add(file + " " + i % 2);
        }
        return Files.write(folder.resolve(name + ".txt"), lines);
    }

    private static BufferedImage image(int label, Random random) {
        BufferedImage image = new BufferedImage(SIZE, SIZE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < SIZE * SIZE; i++) {
            image.setRGB(i % SIZE, i / SIZE, random.nextInt(0x404040));
        }
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.ORANGE);
        int at = 2 + random.nextInt(SIZE / 2);
        if (label == 0) {
            graphics.fillOval(at, at, SIZE / 3, SIZE / 3);
        } else {
            graphics.fillRect(0, at, SIZE, 4);
        }
        graphics.dispose();
        return image;
    }
}
