package io.github.finetide.deploy.sample;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * A data set drawn from a seed: photos of 20 kinds of dishes as JPEG and PNG, under random names and in random sizes, so that
 * nothing but the picture shows the kind; those to train with also lie in a folder a kind.
 *
 * @param train manifest of the training images
 * @param validation manifest of the validation images
 * @param heldOut manifest of images that are in neither
 */
public record SampleImages(Path train, Path validation, Path heldOut) {

    /** How many images of each kind. */
    public record Counts(int train, int validation, int heldOut) {}

    private static final String TRAIN = "train";
    private static final String VALIDATION = "validation";
    private static final String HELD_OUT = "held-out";

    /** What the labels 0..19 mean. */
    public static List<String> classNames() {
        return Arrays.stream(Dish.values()).map(Dish::title).toList();
    }

    /**
     * Draws the images below {@code folder}, {@code train/pizza/} for example, those held out into {@code held-out/}, and
     * writes a manifest of each set ({@code train.txt}) and {@code classes.txt} beside them. The same seed gives the same
     * files.
     */
    public static SampleImages write(Path folder, long seed, Counts counts) throws IOException {
        Random random = new Random(seed);
        SampleImages set = new SampleImages(
                manifest(folder, TRAIN, counts.train(), random),
                manifest(folder, VALIDATION, counts.validation(), random),
                manifest(folder, HELD_OUT, counts.heldOut(), random));
        Files.write(folder.resolve("classes.txt"), classNames(), StandardCharsets.UTF_8);
        return set;
    }

    /** The folder of class folders with the training images. */
    public Path trainFolder() {
        return train.resolveSibling(TRAIN);
    }

    /** The folder of class folders with the validation images. */
    public Path validationFolder() {
        return validation.resolveSibling(VALIDATION);
    }

    private static Path manifest(Path folder, String set, int ofEach, Random random) throws IOException {
        List<Order> orders = new ArrayList<>();
        Dish[] dishes = Dish.values();
        for (int label = 0; label < dishes.length; label++) {
            for (int i = 0; i < ofEach; i++) {
                String kind = set.equals(HELD_OUT) ? "" : "/" + dishes[label].title();
                Files.createDirectories(folder.resolve(set + kind));
                orders.add(new Order(dishes[label], label, random.nextLong(), set + kind));
            }
        }
        Collections.shuffle(orders, random);
        orders.parallelStream().forEach(order -> order.serve(folder));
        return Files.write(
                folder.resolve(set + ".txt"), orders.stream().map(Order::line).toList(), StandardCharsets.UTF_8);
    }

    /** One image to be drawn; all about it follows from the seed, whichever thread draws it. */
    private record Order(Dish dish, int label, long seed, String folder) {
        private boolean isJpeg() {
            return new Random(seed).nextBoolean();
        }

        private String file() {
            return String.format("%s/%016x.%s", folder, new Random(~seed).nextLong(), isJpeg() ? "jpg" : "png");
        }

        String line() {
            return file() + " " + label;
        }

        void serve(Path root) {
            Random random = new Random(seed);
            BufferedImage photo = new Scene(random).photograph(dish);
            try (OutputStream out = Files.newOutputStream(root.resolve(file()))) {
                if (isJpeg()) {
                    writeJpeg(photo, 0.75f + 0.2f * random.nextFloat(), out);
                } else {
                    ImageIO.write(photo, "png", out);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void writeJpeg(BufferedImage photo, float quality, OutputStream out) throws IOException {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        ImageWriteParam parameters = writer.getDefaultWriteParam();
        parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
        parameters.setCompressionQuality(quality);
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(null, new IIOImage(photo, null, null), parameters);
        } finally {
            writer.dispose();
        }
    }
}
