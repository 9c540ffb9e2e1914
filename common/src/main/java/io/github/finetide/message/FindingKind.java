package io.github.finetide.message;

/** What can be doubtful in a data set. */
public enum FindingKind implements WireName {
    /** The label is probably another. */
    LABEL_ERROR("labelError"),
    /** Nearly the same image is in training and in validation. */
    LEAK("leak"),
    /** Nearly the same image is twice in one of the two. */
    NEAR_DUPLICATE("nearDuplicate"),
    /** No image is like it. */
    OUTLIER("outlier"),
    /** The class has too few images to be learned or judged. */
    SMALL_CLASS("smallClass");

    private final String wire;

    FindingKind(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
