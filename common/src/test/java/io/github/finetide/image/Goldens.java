package io.github.finetide.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.Sha256;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import java.util.Objects;
import java.util.zip.InflaterInputStream;
import javax.imageio.ImageIO;

/** What Pillow and torchvision answered; made, and compared again, by {@code src/test/python/image_goldens.py}. */
public final class Goldens {
    private Goldens() {}

    public static JsonNode load(String name) throws IOException {
        try (InputStream in = Goldens.class.getResourceAsStream("/image/" + name + ".json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }

    public static byte[] bytes(JsonNode node, String field) throws IOException {
        byte[] packed = Base64.getDecoder().decode(node.get(field).asText());
        try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        }
    }

    public static Pixels pixels(JsonNode node) throws IOException {
        int width = node.get("width").asInt();
        int height = node.get("height").asInt();
        return node.has("rgb") ? new Pixels(width, height, bytes(node, "rgb")) : hashed(width, height);
    }

    /** The script's {@code hashed}. */
    public static Pixels hashed(int width, int height) {
        Pixels image = Pixels.black(width, height);
        for (int i = 0; i < image.rgb().length; i++) {
            image.rgb()[i] = (byte) ((i * 2654435761L) >> 24);
        }
        return image;
    }

    /** 4096x4096 grey pixels in a few kilobytes. */
    public static byte[] sixteenMegapixelPng() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(4096, 4096, BufferedImage.TYPE_BYTE_GRAY), "png", out);
        return out.toByteArray();
    }

    public static String sha256(byte[] bytes) {
        return Sha256.hex(bytes);
    }

    /** The largest difference of any value of two images of one size. */
    public static int largestDifference(Pixels one, Pixels other) {
        int largest = 0;
        for (int i = 0; i < one.rgb().length; i++) {
            largest = Math.max(largest, Math.abs((one.rgb()[i] & 0xff) - (other.rgb()[i] & 0xff)));
        }
        return largest;
    }
}
