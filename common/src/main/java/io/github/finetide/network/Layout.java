package io.github.finetide.network;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.Trainable;
import java.util.Map;
import java.util.Set;

/**
 * The tensors a network has: names and shapes as torchvision's (or the article's {@code CNN}), and
 * what each is for.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Layout {
    private Layout() {}

    /**
     * Returns the layout for so many classes and such images.
     *
     * @param classes rows of the head
     * @param imageSize edge of the square input in pixels; only the CNN's head depends on it
     */
    public static Layout of(Architecture architecture, int classes, int imageSize) {
        throw new UnsupportedOperationException();
    }

    /** Returns every tensor's shape by name, in torchvision's order; the caller may not write. */
    public Map<String, long[]> shapes() {
        throw new UnsupportedOperationException();
    }

    /** Returns the names of the head's weight {@code [classes, featureCount]} and bias {@code [classes]}. */
    public Set<String> head() {
        throw new UnsupportedOperationException();
    }

    /** Returns the length of the vector the head sees. */
    public int featureCount() {
        throw new UnsupportedOperationException();
    }

    /** Returns the parameters that an optimiser moves, in order. */
    public Set<String> trained(Trainable trainable) {
        throw new UnsupportedOperationException();
    }

    /** Returns the running means, variances and batch counts, which move without an optimiser. */
    public Set<String> runningStatistics() {
        throw new UnsupportedOperationException();
    }

    /**
     * Refuses tensors that are missing, superfluous or of the wrong shape.
     *
     * @throws io.github.finetide.message.FaultException INVALID, listing them
     */
    public void check(StateDict weights) {
        throw new UnsupportedOperationException();
    }

    /** As {@link #check}, whatever head the weights have, or none. */
    public void checkBackbone(StateDict weights) {
        throw new UnsupportedOperationException();
    }
}
