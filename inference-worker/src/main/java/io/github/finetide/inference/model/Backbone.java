package io.github.finetide.inference.model;

import io.github.finetide.image.Pixels;
import io.github.finetide.message.ClassActivationMap;
import io.github.finetide.message.Include;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network in memory without its head. Models that share starting weights share one: an image
 * passes through it once, whichever head is asked about it.
 */
public interface Backbone {
    /**
     * An image and the head to ask; all images of a call have one size.
     *
     * @param shadow a second head, asked about the same features; it may fail without failing the question
     * @param include what is wanted beside probabilities; a map takes a second pass of its image
     */
    record Question(Pixels pixels, Head head, @Nullable Head shadow, List<Include> include) {
        public Question(Pixels pixels, Head head) {
            this(pixels, head, null, List.of());
        }

        boolean wants(Include what) {
            return include.contains(what);
        }
    }

    /**
     * What the network says of an image.
     *
     * @param probabilities of the head's classes
     * @param features that the head saw, where they were wanted
     * @param map of the most probable class, where it was wanted
     * @param shadow probabilities of the second head, where there is one and it did not fail
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Output(
            float[] probabilities,
            float @Nullable [] features,
            @Nullable ClassActivationMap map,
            float @Nullable [] shadow) {
        public static Output of(float... probabilities) {
            return new Output(probabilities, null, null, null);
        }
    }

    /** Marks a head of this backbone. */
    interface Head {}

    /** Returns an output for each question, in the questions' order. */
    List<Output> classify(List<Question> questions);

    /** In memory, without heads. */
    long bytes();
}
