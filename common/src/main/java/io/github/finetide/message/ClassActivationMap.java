package io.github.finetide.message;

import java.util.List;

/**
 * Where in the image the network saw the class (Zhou et al.: Learning Deep Features for Discriminative Localization, CVPR
 * 2016). The mean of the values and the class's bias together are its logit.
 *
 * @param values row by row, the first row at the image's top
 */
public record ClassActivationMap(int classId, int height, int width, List<Double> values) {
    public ClassActivationMap {
        Check.atLeast("classId", classId, 0);
        values = List.copyOf(values);
        Check.require((long) height * width == values.size(), "values", values.size(), height + " times " + width);
    }
}
