package io.github.finetide.inference;

/**
 * What preparing an image took.
 *
 * @param attempts tries, counting from 1
 * @param fetchMillis of the last try
 * @param decodeMillis decoding and resizing
 */
record Effort(int attempts, double fetchMillis, double decodeMillis) {
    static Effort attempt(int number) {
        return new Effort(number, 0, 0);
    }
}
