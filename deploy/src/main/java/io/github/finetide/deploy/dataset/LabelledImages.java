package io.github.finetide.deploy.dataset;

import java.util.ArrayList;
import java.util.List;

/** What a source says: images with their labels, and what could not be used. */
final class LabelledImages {
    /**
     * An image.
     *
     * @param image a path relative to the source's folder, an absolute one, or a URI
     * @param place where the source says it, {@code photos.csv line 3}
     */
    record Labelled(String image, String label, String place) {}

    /** What is left out, and why. */
    record LeftOut(String place, String reason) {}

    private final List<Labelled> images = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    void add(String image, String label, String place) {
        if (image.isBlank()) {
            leaveOut(place, "no image");
        } else if (label.isBlank()) {
            leaveOut(place + ": " + image, "no label");
        } else {
            images.add(new Labelled(image.strip(), label.strip(), place));
        }
    }

    void leaveOut(String place, String reason) {
        leftOut.add(new LeftOut(place, reason));
    }

    List<Labelled> images() {
        return images;
    }

    List<LeftOut> leftOut() {
        return leftOut;
    }
}
