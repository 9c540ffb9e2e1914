package io.github.finetide.message;

/** A class and how probable the network finds it. */
public record Prediction(String label, int classId, double probability) {
    public Prediction {
        Check.text("label", label);
        Check.atLeast("classId", classId, 0);
        Check.fraction("probability", probability);
    }
}
