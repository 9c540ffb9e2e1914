package io.github.finetide.trainer.review;

import io.github.finetide.confidence.ValidationLogits;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What models said of training images that they did not learn from, one fold after the other.
 *
 * @param logits {@code [images, classes]}, row by row, in the order of the training list
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record OutOfFold(float[] logits, int classes) {
    /** 128 MB; beyond it none are kept. */
    public static final int MAX_LOGITS = 32 << 20;

    public int images() {
        return logits.length / classes;
    }

    /** The same of images whose classes are known. */
    public ValidationLogits of(int[] labels) {
        return new ValidationLogits(logits, classes, labels);
    }

    /** Returns {@code [images, classes]}, row by row: the softmax of these images' rows, in this order. */
    public float[] probabilities(int[] images) {
        float[] probabilities = new float[Math.multiplyExact(images.length, classes)];
        for (int row = 0; row < images.length; row++) {
            softmax(images[row] * classes, probabilities, row * classes);
        }
        return probabilities;
    }

    private void softmax(int from, float[] probabilities, int to) {
        double top = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < classes; i++) {
            top = Math.max(top, logits[from + i]);
        }
        double sum = 0;
        for (int i = 0; i < classes; i++) {
            sum += Math.exp(logits[from + i] - top);
        }
        for (int i = 0; i < classes; i++) {
            probabilities[to + i] = (float) (Math.exp(logits[from + i] - top) / sum);
        }
    }

    /** Returns it as tensors of a file: {@code logits}, and their SHA-256. */
    public StateDict toStateDict() {
        TensorData values = TensorData.of("logits", new long[] {images(), classes}, logits);
        byte[] digest = digest(values);
        return StateDict.of(List.of(
                values, new TensorData("sha256", ElementType.U8, new long[] {digest.length}, ByteBuffer.wrap(digest))));
    }

    /** Reads such a file; empty where it is damaged. */
    public static Optional<OutOfFold> read(byte[] file) {
        try {
            Path copy = Files.createTempFile("finetide-", ".safetensors");
            try {
                return read(SafeTensors.read(Files.write(copy, file)));
            } finally {
                Files.delete(copy); // mapped: it stays until it is read
            }
        } catch (IOException | FaultException unreadable) {
            return Optional.empty();
        }
    }

    private static Optional<OutOfFold> read(StateDict tensors) {
        if (!tensors.names().containsAll(List.of("logits", "sha256"))) {
            return Optional.empty();
        }
        TensorData values = tensors.get("logits");
        ByteBuffer kept = tensors.get("sha256").bytes();
        byte[] expected = new byte[kept.remaining()];
        kept.get(expected);
        if (!Arrays.equals(digest(values), expected)) {
            return Optional.empty();
        }
        FloatBuffer floats = values.bytes().asFloatBuffer();
        float[] logits = new float[floats.remaining()];
        floats.get(logits);
        return Optional.of(new OutOfFold(logits, (int) values.shape()[1]));
    }

    private static byte[] digest(TensorData values) {
        ByteBuffer buffer = values.bytes();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return Sha256.of(bytes);
    }
}
