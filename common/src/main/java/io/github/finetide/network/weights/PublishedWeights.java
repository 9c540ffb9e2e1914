package io.github.finetide.network.weights;

import io.github.finetide.message.Architecture;
import java.net.URI;

/**
 * Where torchvision publishes the weights it calls IMAGENET1K_V2.
 *
 * @param file name, which ends in the start of the content's SHA-256
 */
record PublishedWeights(URI source, String file) {
    static final String NAME = "IMAGENET1K_V2";

    private static final String FOLDER = "https://download.pytorch.org/models/";

    /**
     * Returns the weights of a residual network.
     *
     * @throws IllegalArgumentException for the CNN, which nobody publishes
     */
    static PublishedWeights of(Architecture architecture) {
        String file = switch (architecture) {
            case RESNET50 -> "resnet50-11ad3fa6.pth";
            case RESNET101 -> "resnet101-cd907fc2.pth";
            case RESNET152 -> "resnet152-f82ba261.pth";
            case CNN -> throw new IllegalArgumentException("there are no published weights of the cnn");
        };
        return new PublishedWeights(URI.create(FOLDER + file), file);
    }

    /** Returns the first hex digits of the content's SHA-256. */
    String sha256Prefix() {
        return file.substring(file.indexOf('-') + 1, file.indexOf('.'));
    }
}
