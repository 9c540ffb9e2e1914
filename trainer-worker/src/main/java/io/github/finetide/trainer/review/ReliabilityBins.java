package io.github.finetide.trainer.review;

import io.github.finetide.trainer.report.Reliability.Bin;
import io.github.finetide.trainer.review.ImagePredictions.Of;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Predictions by how sure they are, in bins of equal width, as the expected calibration error counts them. */
final class ReliabilityBins {
    private static final int BINS = 15;

    private ReliabilityBins() {}

    /** @param sureness 0 to 1 */
    static List<Bin> of(List<Of> predictions, ToDoubleFunction<Of> sureness) {
        int[] images = new int[BINS];
        int[] right = new int[BINS];
        double[] sums = new double[BINS];
        for (Of one : predictions) {
            double sure = Math.min(1, sureness.applyAsDouble(one));
            int bin = Math.max(0, (int) Math.ceil(sure * BINS) - 1);
            images[bin]++;
            right[bin] += one.isRight() ? 1 : 0;
            sums[bin] += sure;
        }
        List<Bin> bins = new ArrayList<>();
        for (int bin = 0; bin < BINS; bin++) {
            int count = images[bin];
            bins.add(count == 0 ? new Bin(0, 0, 0) : new Bin(count, sums[bin] / count, (double) right[bin] / count));
        }
        return bins;
    }
}
