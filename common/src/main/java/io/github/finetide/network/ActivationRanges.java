package io.github.finetide.network;

import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The largest value that int8 can express of each activation; larger ones are cut off. Chosen from
 * histograms so that the mean squared error of rounding and cutting is smallest (as in PyTorch's {@code
 * HistogramObserver}): the largest value ever seen, an outlier as a rule, would make every step coarser.
 *
 * <p>See RATIONALE.md, Why ranges by mean squared error, and on so few images?
 */
public final class ActivationRanges {
    /** Of a histogram: four or more to a step of the final scale, as the histogram reaches to twice the maximum. */
    static final int BINS = 2048;

    private static final int UNSIGNED_LEVELS = 255;
    private static final int SIGNED_LEVELS = 127;
    private static final String PREFIX = "range.";

    private final Map<String, Float> maxima;

    private ActivationRanges(Map<String, Float> maxima) {
        this.maxima = maxima;
    }

    /**
     * Chooses ranges.
     *
     * @param layers of the activations, in order
     * @param rows of {@link #BINS} counts of absolute values each, and the upper limit of the bins
     */
    static ActivationRanges choose(List<String> layers, double[][] rows) {
        Map<String, Float> maxima = new LinkedHashMap<>();
        for (int i = 0; i < rows.length; i++) {
            String layer = layers.get(i);
            int levels = layer.endsWith(".downsample.0") ? SIGNED_LEVELS : UNSIGNED_LEVELS;
            maxima.put(layer, (float) maximum(rows[i], levels));
        }
        return new ActivationRanges(maxima);
    }

    /**
     * Returns the upper edge of a bin. A value below it is off by up to half a step, its square by step^2 / 12
     * in the mean; a value above it by what is cut off. The first bin is left out: zeros are exact.
     */
    static double maximum(double[] row, int levels) {
        double width = row[BINS] / BINS;
        double above = 0;
        double sum = 0; // of the values above
        double squares = 0;
        double total = 0;
        for (int bin = 1; bin < BINS; bin++) {
            total += row[bin];
        }
        double best = Double.POSITIVE_INFINITY;
        double chosen = row[BINS];
        for (int bin = BINS - 1; bin >= 1; bin--) {
            double edge = (bin + 1) * width;
            double step = edge / levels;
            double error = (total - above) * step * step / 12 + squares - 2 * edge * sum + edge * edge * above;
            if (error < best) {
                best = error;
                chosen = edge;
            }
            double value = (bin + 0.5) * width;
            above += row[bin];
            sum += row[bin] * value;
            squares += row[bin] * value * value;
        }
        return chosen;
    }

    /** Returns the maxima by the layer that an activation comes from. */
    public Map<String, Float> maxima() {
        return Collections.unmodifiableMap(maxima);
    }

    /** The same as numbers of a message. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        maxima.forEach((layer, maximum) -> numbers.put(layer, (double) maximum));
        return numbers;
    }

    /** Reads {@link #numbers} back. */
    public static ActivationRanges of(Map<String, Double> numbers) {
        Map<String, Float> maxima = new LinkedHashMap<>();
        numbers.forEach((layer, maximum) -> maxima.put(layer, maximum.floatValue()));
        return new ActivationRanges(maxima);
    }

    /** Whether nothing was measured. */
    boolean isEmpty() {
        return maxima.isEmpty();
    }

    /** Returns the ranges as scalars named {@code range.<layer>}, to be written to a file. */
    public StateDict toStateDict() {
        List<TensorData> tensors = new ArrayList<>();
        maxima.forEach((layer, maximum) -> tensors.add(TensorData.of(PREFIX + layer, new long[0], maximum)));
        return StateDict.of(tensors);
    }

    /** Reads ranges back, whatever else the dictionary holds. */
    public static ActivationRanges of(StateDict tensors) {
        Map<String, Float> maxima = new LinkedHashMap<>();
        tensors.tensors().forEach(tensor -> {
            if (tensor.name().startsWith(PREFIX)) {
                maxima.put(
                        tensor.name().substring(PREFIX.length()), tensor.bytes().getFloat());
            }
        });
        return new ActivationRanges(maxima);
    }
}
