package io.github.finetide.dataset;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The folds of a cross-validation: which images each model is judged by. Stratified as scikit-learn's {@code
 * StratifiedKFold}: of each class, as of all, no fold has more than one image more than another. Who is where follows from
 * contents and seed, not from names or order; images of equal bytes count once and are in one fold.
 */
public final class ContentFolds {
    private ContentFolds() {}

    /**
     * Returns the fold of each image, from 1.
     *
     * @param contents the images' SHA-256, 64 hexadecimal digits each
     * @param labels the images' classes, in the same order; of equal bytes with two labels, the first counts
     * @throws FaultException INVALID where no class has as many images as there are folds
     */
    public static int[] of(List<String> contents, List<Integer> labels, int folds, long seed) {
        Map<String, Integer> classes = new LinkedHashMap<>();
        for (int i = 0; i < contents.size(); i++) {
            classes.putIfAbsent(contents.get(i), labels.get(i));
        }
        Map<Integer, List<String>> byClass = classes.keySet().stream()
                .sorted(Comparator.comparing(content -> draw(content, seed)))
                .collect(Collectors.groupingBy(
                        content -> classes.getOrDefault(content, 0), TreeMap::new, Collectors.toList()));
        int most = byClass.values().stream().mapToInt(List::size).max().orElse(0);
        if (most < folds) {
            throw FaultException.invalid(
                    "folds", folds, "at most as many as the largest class has different images (" + most + ")");
        }
        Map<String, Integer> found = new HashMap<>();
        int next = 0; // goes on from class to class, so that the folds are of one size, too
        for (List<String> alike : byClass.values()) {
            for (String content : alike) {
                found.put(content, next++ % folds + 1);
            }
        }
        return contents.stream()
                .mapToInt(content -> found.getOrDefault(content, 1))
                .toArray();
    }

    /** A place in an order that nobody chose: SHA-256 over the seed and the content. */
    private static String draw(String content, long seed) {
        MessageDigest digest = Sha256.start();
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(seed).flip());
        return HexFormat.of().formatHex(digest.digest(("fold " + content).getBytes(StandardCharsets.ISO_8859_1)));
    }
}
