package io.github.finetide.dataset;

import io.github.finetide.message.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which images of a set validate: each by its own content and the seed, whatever else the set holds. So files of equal
 * bytes stay on one side, images that are added move none that were there, and every class gives about the same part.
 * Of a class that would be left without training images the one that was nearest to training trains.
 */
public final class ContentSplit {
    private static final double TWO_TO_53 = 0x1p53;

    private ContentSplit() {}

    /**
     * Decides for each image.
     *
     * @param contents the images' SHA-256, 64 hexadecimal digits each
     * @param labels the images' classes, in the same order
     * @param fraction that validates, of each class
     */
    public static boolean[] validates(List<String> contents, List<Integer> labels, double fraction, long seed) {
        Map<String, Double> draws = new HashMap<>();
        contents.forEach(content -> draws.computeIfAbsent(content, c -> draw(c, seed)));
        Set<String> trains = kept(contents, labels, draws);
        boolean[] validates = new boolean[contents.size()];
        for (int i = 0; i < validates.length; i++) {
            String content = contents.get(i);
            validates[i] = draws.getOrDefault(content, 1.0) < fraction && !trains.contains(content);
        }
        return validates;
    }

    /** Of each class the content with the highest draw. */
    private static Set<String> kept(List<String> contents, List<Integer> labels, Map<String, Double> draws) {
        Map<Integer, String> highest = new HashMap<>();
        for (int i = 0; i < contents.size(); i++) {
            highest.merge(
                    labels.get(i),
                    contents.get(i),
                    (one, other) -> draws.getOrDefault(one, 1.0) >= draws.getOrDefault(other, 1.0) ? one : other);
        }
        return new HashSet<>(highest.values());
    }

    /** Uniform in 0..1: SHA-256 over the seed and the content. */
    private static double draw(String content, long seed) {
        MessageDigest digest = Sha256.start();
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
        byte[] hash = digest.digest(content.getBytes(StandardCharsets.ISO_8859_1));
        return (ByteBuffer.wrap(hash).getLong() >>> 11) / TWO_TO_53;
    }
}
