package io.github.finetide.inference.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.ClassActivationMap;
import io.github.finetide.message.Include;
import io.github.finetide.message.Precision;
import io.github.finetide.network.Network;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A backbone in libtorch. The images of a batch pass through it together; then each head sees the
 * features of its own images. Its methods exclude one another, so a version is checked between two
 * batches.
 */
final class TorchBackbone implements Backbone, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TorchBackbone.class);

    private final Network network;
    /** Asked for with every request, for every model. */
    private final long bytes;

    TorchBackbone(Network network) {
        this.network = network;
        this.bytes = network.weightBytes();
    }

    /** What it is computed in. */
    Precision precision() {
        return network.precision();
    }

    @Override
    public synchronized List<Output> classify(List<Question> questions) {
        try (NDManager batch = network.scope()) {
            NDArray features = network.features(pixels(batch, questions), false);
            Output[] answers = new Output[questions.size()];
            byHead(questions).forEach((head, rows) -> answer(head, shadow(questions, rows), rows, features, answers));
            for (int row = 0; row < answers.length; row++) {
                answers[row] = included(questions.get(row), features, row, answers[row]);
            }
            return Arrays.asList(answers);
        }
    }

    private Output included(Question question, NDArray features, int row, Output plain) {
        float[] seen = question.wants(Include.EMBEDDING) ? features.get(row).toFloatArray() : null;
        ClassActivationMap map = question.wants(Include.CAM) ? map(question, plain.probabilities()) : null;
        return seen == null && map == null ? plain : new Output(plain.probabilities(), seen, map, plain.shadow());
    }

    private ClassActivationMap map(Question question, float[] probabilities) {
        int best = 0;
        for (int c = 1; c < probabilities.length; c++) {
            best = probabilities[c] > probabilities[best] ? c : best;
        }
        try (NDManager scope = network.scope()) {
            NDArray maps = network.maps(pixels(scope, List.of(question)));
            return ((LinearHead) question.head()).map(best, maps);
        }
    }

    @Override
    public long bytes() {
        return bytes;
    }

    /** Where a head's tensors live until the head is closed. */
    synchronized NDManager headScope() {
        return network.scope();
    }

    @Override
    public synchronized void close() {
        network.close();
    }

    /** uint8 {@code [n, size, size, 3]}. */
    private NDArray pixels(NDManager batch, List<Question> questions) {
        Pixels first = questions.get(0).pixels();
        int bytesEach = first.rgb().length;
        ByteBuffer all = batch.allocateDirect(Math.multiplyExact(bytesEach, questions.size()));
        questions.forEach(question -> all.put(question.pixels().rgb()));
        Shape shape = new Shape(questions.size(), first.height(), first.width(), Pixels.CHANNELS);
        try (NDManager host = network.hostScope()) {
            return network.onDevice(host.create(all.flip(), shape, DataType.UINT8), batch);
        }
    }

    private static Map<LinearHead, List<Integer>> byHead(List<Question> questions) {
        Map<LinearHead, List<Integer>> rows = new LinkedHashMap<>();
        for (int row = 0; row < questions.size(); row++) {
            LinearHead head = (LinearHead) questions.get(row).head();
            rows.computeIfAbsent(head, key -> new ArrayList<>()).add(row);
        }
        return rows;
    }

    /** Questions of one head are of one version, and so have one shadow. */
    private static @Nullable LinearHead shadow(List<Question> questions, List<Integer> rows) {
        return (LinearHead) questions.get(rows.get(0)).shadow();
    }

    private void answer(
            LinearHead head, @Nullable LinearHead shadow, List<Integer> rows, NDArray features, Output[] answers) {
        boolean all = rows.size() == answers.length;
        NDArray seen = all ? features : features.get(indices(features.getManager(), rows));
        float[] probabilities = network.probabilities(head.logits(seen)).toFloatArray();
        float[] beside = shadow == null ? null : shadowed(shadow, seen);
        for (int i = 0; i < rows.size(); i++) {
            float[] own = row(probabilities, i, rows.size());
            answers[rows.get(i)] = new Output(own, null, null, beside == null ? null : row(beside, i, rows.size()));
        }
    }

    private static float[] row(float[] all, int row, int rows) {
        int classes = all.length / rows;
        return Arrays.copyOfRange(all, row * classes, (row + 1) * classes);
    }

    /** Null where it fails, which is nothing to those who asked for the answer. */
    private float @Nullable [] shadowed(LinearHead shadow, NDArray features) {
        try {
            return network.probabilities(shadow.logits(features)).toFloatArray();
        } catch (RuntimeException | OutOfMemoryError why) {
            log.warn("A shadow cannot be computed", why);
            return null;
        }
    }

    private static NDArray indices(NDManager batch, List<Integer> rows) {
        return batch.create(rows.stream().mapToLong(Integer::longValue).toArray());
    }
}
