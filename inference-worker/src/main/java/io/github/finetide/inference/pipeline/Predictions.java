package io.github.finetide.inference.pipeline;

import io.github.finetide.message.Prediction;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/** The most probable classes of an answer. */
public final class Predictions {
    private Predictions() {}

    public static boolean areFinite(float[] probabilities) {
        for (float probability : probabilities) {
            if (!Float.isFinite(probability)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the {@code count} most probable, best first; of equal ones the lower class first. */
    public static List<Prediction> best(float[] probabilities, List<String> classNames, int count) {
        PriorityQueue<Integer> worstFirst = new PriorityQueue<>((a, b) -> {
            int byProbability = Float.compare(probabilities[a], probabilities[b]);
            return byProbability != 0 ? byProbability : Integer.compare(b, a);
        });
        for (int classId = 0; classId < probabilities.length; classId++) {
            worstFirst.add(classId);
            if (worstFirst.size() > count) {
                worstFirst.remove();
            }
        }
        List<Prediction> best = new ArrayList<>(worstFirst.size());
        while (!worstFirst.isEmpty()) {
            int classId = worstFirst.remove();
            // Rounding in the softmax can end a hair above 1.
            double probability = Math.min(1, Math.max(0, probabilities[classId]));
            best.add(0, new Prediction(classNames.get(classId), classId, probability));
        }
        return best;
    }
}
