package io.github.finetide.trainer.review;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.confidence.Scaled;
import io.github.finetide.message.Confidence;
import io.github.finetide.network.Network;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.trainer.report.Reliability;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a model predicts for the images of a list, one for one and in their order. */
public record ImagePredictions(List<Of> all) {
    /** Losses of a probability that is 0 in fp32 would be infinite. */
    private static final double LEAST = 1e-30;

    /**
     * One image.
     *
     * @param index in the list
     * @param probability of the class predicted
     * @param confidence the same, calibrated
     * @param loss cross entropy, without label smoothing and class weights
     */
    public record Of(int index, int label, int predicted, double probability, double confidence, double loss) {
        boolean isRight() {
            return label == predicted;
        }
    }

    /** Receives the images of a batch, row by row. */
    @FunctionalInterface
    public interface Rows {
        void add(float[] features, float[] probabilities);
    }

    public ImagePredictions {
        all = List.copyOf(all);
    }

    /**
     * Computes them.
     *
     * @param batches all images in order
     * @param temperature that logits are divided by for the confidence
     * @param rows receives each batch
     */
    public static ImagePredictions of(Network network, Batches batches, double temperature, Rows rows) {
        List<Of> all = new ArrayList<>();
        while (batches.hasNext()) {
            try (Batch batch = batches.next();
                    NDManager scope = network.scope()) {
                NDArray input = batch.input(scope);
                NDArray features = batch.hasFeatures() ? input : network.features(input, false);
                float[] probabilities =
                        network.probabilities(network.head(features)).toFloatArray();
                add(all, batch.labels(), probabilities, temperature);
                rows.add(features.toFloatArray(), probabilities);
            }
        }
        return new ImagePredictions(all);
    }

    private static void add(List<Of> all, int[] labels, float[] probabilities, double temperature) {
        int classes = probabilities.length / labels.length;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = probabilities[i * classes + c] > probabilities[i * classes + best] ? c : best;
            }
            float[] row = Arrays.copyOfRange(probabilities, i * classes, (i + 1) * classes);
            double confidence = Scaled.confidence(row, temperature);
            double loss = -Math.log(Math.max(LEAST, probabilities[i * classes + labels[i]]));
            all.add(new Of(all.size(), labels[i], best, probabilities[i * classes + best], confidence, loss));
        }
    }

    /** What their confidence is worth. */
    public Reliability reliability(Confidence confidence) {
        return new Reliability(
                confidence, ReliabilityBins.of(all, Of::probability), ReliabilityBins.of(all, Of::confidence));
    }

    /** Writes a line of JSON an image: image, label, predicted, probability, confidence, loss. */
    public void write(Path file, Manifest images, List<String> classNames) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (Of one : all) {
                ObjectNode line = mapper.createObjectNode();
                line.put("image", images.entries().get(one.index()).image().toString());
                line.put("label", classNames.get(one.label()));
                line.put("predicted", classNames.get(one.predicted()));
                line.put("probability", one.probability());
                line.put("confidence", one.confidence());
                line.put("loss", one.loss());
                lines.write(line.toString());
                lines.write('\n');
            }
        }
    }
}
