package io.github.finetide.message;

/** What a version says of an image: its most probable class, and how sure it may be said to be. */
public record VersionAnswer(String version, String label, int classId, double probability, double confidence) {
    public VersionAnswer {
        Check.text("version", version);
        Check.text("label", label);
        Check.atLeast("classId", classId, 0);
        Check.fraction("probability", probability);
        Check.fraction("confidence", confidence);
    }
}
