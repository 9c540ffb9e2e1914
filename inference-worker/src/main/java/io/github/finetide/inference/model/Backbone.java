package io.github.finetide.inference.model;

import io.github.finetide.image.Pixels;
import java.util.List;

/**
 * A network in memory without its head. Models that share starting weights share one: an image
 * passes through it once, whichever head is asked about it.
 */
public interface Backbone {
    /** An image and the head to ask; all images of a call have one size. */
    record Question(Pixels pixels, Head head) {}

    /** Marks a head of this backbone. */
    interface Head {}

    /** Returns the probabilities of each question's classes, in the questions' order. */
    List<float[]> classify(List<Question> questions);

    /** In memory, without heads. */
    long bytes();
}
