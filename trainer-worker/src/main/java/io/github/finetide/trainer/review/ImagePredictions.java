package io.github.finetide.trainer.review;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.network.Network;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.Manifest;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
     * @param loss cross entropy, without label smoothing and class weights
     */
    public record Of(int index, int label, int predicted, double probability, double loss) {
        boolean isRight() {
            return label == predicted;
        }
    }

    public ImagePredictions {
        all = List.copyOf(all);
    }

    /**
     * Computes them.
     *
     * @param batches all images in order
     * @param afterEach run after each batch
     */
    public static ImagePredictions of(Network network, Batches batches, Runnable afterEach) {
        List<Of> all = new ArrayList<>();
        while (batches.hasNext()) {
            try (Batch batch = batches.next();
                    NDManager scope = network.scope()) {
                NDArray input = batch.input(scope);
                NDArray features = batch.hasFeatures() ? input : network.features(input, false);
                NDArray probabilities = network.probabilities(network.head(features));
                add(all, batch.labels(), probabilities.toFloatArray());
            }
            afterEach.run();
        }
        return new ImagePredictions(all);
    }

    private static void add(List<Of> all, int[] labels, float[] probabilities) {
        int classes = probabilities.length / labels.length;
        for (int i = 0; i < labels.length; i++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = probabilities[i * classes + c] > probabilities[i * classes + best] ? c : best;
            }
            double loss = -Math.log(Math.max(LEAST, probabilities[i * classes + labels[i]]));
            all.add(new Of(all.size(), labels[i], best, probabilities[i * classes + best], loss));
        }
    }

    /** Writes a line of JSON an image: image, label, predicted, probability, loss. */
    public void write(Path file, Manifest images, List<String> classNames) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try (BufferedWriter lines = Files.newBufferedWriter(file)) {
            for (Of one : all) {
                ObjectNode line = mapper.createObjectNode();
                line.put("image", images.entries().get(one.index()).image().toString());
                line.put("label", classNames.get(one.label()));
                line.put("predicted", classNames.get(one.predicted()));
                line.put("probability", one.probability());
                line.put("loss", one.loss());
                lines.write(line.toString());
                lines.write('\n');
            }
        }
    }
}
