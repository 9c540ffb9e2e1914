package io.github.finetide.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.ClassActivationMap;
import java.util.ArrayList;
import java.util.List;

/** Where in an image a network saw a class (Zhou et al. 2016): what each place gives to the class's logit. */
public final class ClassActivation {
    private ClassActivation() {}

    /**
     * Computes the map.
     *
     * @param weights the class's row of the head
     * @param maps fp32 {@code [1, channels, height, width]} of {@link Network#maps}, whose mean over places the features are; or
     *     all of whose values are, channel by channel
     */
    public static ClassActivationMap of(int classId, float[] weights, NDArray maps) {
        Shape shape = maps.getShape();
        int channels = (int) shape.get(1);
        int height = (int) shape.get(2);
        int width = (int) shape.get(3);
        float[] seen = maps.toFloatArray();
        int places = height * width;
        boolean pooled = weights.length == channels;
        List<Double> values = new ArrayList<>(places);
        for (int place = 0; place < places; place++) {
            double sum = 0;
            for (int c = 0; c < channels; c++) {
                double weight = pooled ? weights[c] : (double) weights[c * places + place] * places;
                sum += weight * seen[c * places + place];
            }
            values.add(sum);
        }
        return new ClassActivationMap(classId, height, width, values);
    }
}
