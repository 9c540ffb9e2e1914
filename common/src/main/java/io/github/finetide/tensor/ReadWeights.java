package io.github.finetide.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Tensors as a file holds them.
 *
 * @param warnings what was done to find them, for the user to look at
 */
public record ReadWeights(StateDict dict, List<String> warnings) {
    public ReadWeights {
        warnings = List.copyOf(warnings);
    }

    public ReadWeights with(StateDict other, String warning) {
        List<String> all = new ArrayList<>(warnings);
        all.add(warning);
        return new ReadWeights(other, all);
    }
}
