package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.sample.SampleImages;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * The sample photos as JPEGs of one size.
 *
 * @param manifest a line for each image: its path and its kind
 */
record BenchImages(List<Path> files, Path manifest) {
    /** What a small photo on the web has. */
    static final int WIDTH = 500;

    static final int HEIGHT = 375;

    /**
     * Writes them.
     *
     * @param images how many; about as many of each kind
     */
    static BenchImages write(Path folder, long seed, int images) throws IOException {
        int kinds = SampleImages.classNames().size();
        int ofEach = (images + kinds - 1) / kinds;
        SampleImages drawn = SampleImages.write(folder, seed, new SampleImages.Counts(ofEach, 0, 0));
        List<String> lines = Files.readAllLines(drawn.train()).subList(0, images);
        List<Path> files = new ArrayList<>();
        List<String> entries = new ArrayList<>();
        for (String line : lines) {
            int space = line.lastIndexOf(' ');
            BufferedImage photo =
                    ImageIO.read(folder.resolve(line.substring(0, space)).toFile());
            Path file = folder.resolve("photo-%05d.jpg".formatted(files.size()));
            ImageIO.write(scaled(photo, WIDTH, HEIGHT), "jpg", file.toFile());
            files.add(file);
            entries.add(file + line.substring(space));
        }
        Path manifest = Files.write(folder.resolve("photos.txt"), entries, StandardCharsets.UTF_8);
        return new BenchImages(List.copyOf(files), manifest);
    }

    /** A manifest of the first few. */
    Path first(int images) throws IOException {
        Path part = manifest.resolveSibling("first-" + images + ".txt");
        return Files.write(part, Files.readAllLines(manifest).subList(0, images), StandardCharsets.UTF_8);
    }

    /** The image in another size. */
    static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return scaled;
    }
}
