package io.github.finetide.trainer.training;

import io.github.finetide.message.Architecture;
import io.github.finetide.network.Layout;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;

/** Images and weights that follow from integer formulas, the same as in jobs.py. */
final class Made {
    static final int CLASSES = 6;
    static final int WIDTH = 56;
    static final int HEIGHT = 44;

    private Made() {}

    /** Writes images first..first+count-1 as PNG, and a manifest of them. */
    static Path manifest(Path folder, String name, int first, int count) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            Path file = folder.resolve("image " + i + ".png");
            ImageIO.write(image(i), "png", file.toFile());
            lines.add(file.getFileName() + " " + i % CLASSES);
        }
        return Files.write(folder.resolve(name), lines);
    }

    static BufferedImage image(int index) {
        int label = index % CLASSES;
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int rgb = 0;
                for (int c = 0; c < 3; c++) {
                    int base = (label * 53 + c * 71 + (x * (label + 1) + y * (c + 1)) * 5) & 255;
                    int noise = mix(index * 100003 + (y * WIDTH + x) * 3 + c) & 63;
                    rgb = rgb << 8 | (base * 3 / 4 + noise);
                }
                image.setRGB(x, y, rgb);
            }
        }
        return image;
    }

    /** Writes the weights of a network with a head for {@link #CLASSES}. */
    static Path weights(Path file, Architecture network, int imageSize) throws IOException {
        List<TensorData> tensors = new ArrayList<>();
        Layout.of(network, CLASSES, imageSize).shapes().forEach((name, shape) -> tensors.add(tensor(name, shape)));
        SafeTensors.write(file, StateDict.of(tensors));
        return file;
    }

    private static TensorData tensor(String name, long[] shape) {
        long fanIn = 1;
        for (int i = 1; i < shape.length; i++) {
            fanIn *= shape[i];
        }
        if (name.endsWith("num_batches_tracked")) {
            return new TensorData(name, ElementType.I64, shape, ByteBuffer.allocate(Long.BYTES));
        }
        if (shape.length == 4) {
            double bound = Math.sqrt((shape[3] == 5 ? 1.0 : 6.0) / (double) fanIn);
            return uniform(name, shape, -bound, bound);
        }
        if (shape.length == 2) {
            double bound = 1 / Math.sqrt((double) fanIn);
            return uniform(name, shape, -bound, bound);
        }
        if (name.endsWith("running_var")) {
            return uniform(name, shape, 0.5, 1.5);
        }
        if (name.endsWith("weight")) {
            boolean last = name.contains("bn3") || name.contains("downsample");
            return last ? uniform(name, shape, 0.2, 0.5) : uniform(name, shape, 0.5, 1.5);
        }
        return uniform(name, shape, -0.2, 0.2);
    }

    private static TensorData uniform(String name, long[] shape, double low, double high) {
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        int salt = mix((int) crc.getValue());
        int count = 1;
        for (long length : shape) {
            count *= (int) length;
        }
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (low + (double) (mix(i + salt) >>> 8) / (1 << 24) * (high - low));
        }
        return TensorData.of(name, shape, values);
    }

    /** lowbias32. */
    private static int mix(int value) {
        int x = value;
        x = (x ^ (x >>> 16)) * 0x7FEB352D;
        x = (x ^ (x >>> 15)) * 0x846CA68B;
        return x ^ (x >>> 16);
    }
}
