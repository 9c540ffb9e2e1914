package io.github.finetide.trainer.report;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pictures for a job's report.
 *
 * @param training some training images as the network sees them, augmented
 * @param worst the validation images with the largest loss, largest first
 * @param classes the most certain predictions of classes
 * @param classesLeftOut classes that have none here, so that the page stays small
 */
public record ReportPictures(List<Picture> training, List<Picture> worst, List<OfClass> classes, int classesLeftOut) {
    /** Before there is a release. */
    public static final ReportPictures NONE = new ReportPictures(List.of(), List.of(), List.of(), 0);

    /**
     * An image.
     *
     * @param jpeg its bytes in base64
     * @param caption what it is
     * @param note what was made of it; may be empty
     * @param overlay the same under colours that show where the network saw what it predicted; null where there is none
     */
    public record Picture(
            String jpeg,
            String caption,
            String note,
            @Nullable String overlay) {
        /** Without an overlay. */
        public Picture(String jpeg, String caption, String note) {
            this(jpeg, caption, note, null);
        }
    }

    /**
     * Of the validation images of one class.
     *
     * @param right the most certain one that was recognised; null where there is none
     * @param wrong the most certain one that was taken for another; null where there is none
     */
    public record OfClass(
            String name, @Nullable Picture right, @Nullable Picture wrong) {}

    public ReportPictures {
        training = List.copyOf(training);
        worst = List.copyOf(worst);
        classes = List.copyOf(classes);
    }
}
