package io.github.finetide.trainer.training;

/**
 * Rows of features of a job so far.
 *
 * @param needed one for each image of a table that was asked for
 * @param reused were in the store, or belong to an image of the same bytes
 * @param computed here
 */
public record FeatureCounts(long needed, long reused, long computed) {
    static final FeatureCounts NONE = new FeatureCounts(0, 0, 0);

    FeatureCounts withFound(int found, int missing) {
        return new FeatureCounts(needed + found + missing, reused + found, computed);
    }

    FeatureCounts withComputed(int images) {
        return new FeatureCounts(needed, reused, computed + images);
    }
}
