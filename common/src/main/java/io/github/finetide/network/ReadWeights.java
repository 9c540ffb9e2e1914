package io.github.finetide.network;

import java.util.ArrayList;
import java.util.List;

/**
 * Tensors as a file holds them.
 *
 * @param warnings what was done to find them, for the user to look at
 */
record ReadWeights(StateDict dict, List<String> warnings) {
    ReadWeights {
        warnings = List.copyOf(warnings);
    }

    ReadWeights with(StateDict other, String warning) {
        List<String> all = new ArrayList<>(warnings);
        all.add(warning);
        return new ReadWeights(other, all);
    }
}
