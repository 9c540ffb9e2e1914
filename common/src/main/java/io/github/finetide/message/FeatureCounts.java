package io.github.finetide.message;

/**
 * Rows of features of a job so far: one for each image, and each view of it, that the job has asked for.
 *
 * @param reused were in the store, or belong to an image of the same bytes
 * @param computed by the worker that has the job
 * @param byHelpers computed by other workers for this job
 */
public record FeatureCounts(long needed, long reused, long computed, long byHelpers) {
    public static final FeatureCounts NONE = new FeatureCounts(0, 0, 0, 0);

    public FeatureCounts {
        Check.atLeast("needed", needed, 0);
        Check.atLeast("reused", reused, 0);
        Check.atLeast("computed", computed, 0);
        Check.atLeast("byHelpers", byHelpers, 0);
    }

    /** Returns the counts after more were asked for, of which so many were there. */
    public FeatureCounts withFound(long found, long missing) {
        return new FeatureCounts(needed + found + missing, reused + found, computed, byHelpers);
    }

    /** Returns the counts after others computed more. */
    public FeatureCounts withHelped(long images) {
        return new FeatureCounts(needed, reused, computed, byHelpers + images);
    }

    public FeatureCounts withComputed(long images) {
        return new FeatureCounts(needed, reused, computed + images, byHelpers);
    }
}
