package io.github.finetide.inference.pipeline;

/**
 * What preparing an image took.
 *
 * @param attempts tries, counting from 1
 * @param fetchMillis of the last try
 * @param decodeMillis decoding and resizing
 */
public record PreparationTimings(int attempts, double fetchMillis, double decodeMillis) {
    public static PreparationTimings attempt(int number) {
        return new PreparationTimings(number, 0, 0);
    }
}
