package io.github.finetide.trainer.report;

import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.trainer.report.ReportPictures.Picture;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is doubtful in a job's images.
 *
 * @param counts of all
 * @param shown the first of each kind
 * @param lookedAt how many images of how many, in words
 */
public record ReportFindings(FindingCounts counts, List<Shown> shown, String lookedAt) {
    /**
     * A finding and its images.
     *
     * @param picture null for a class
     * @param other the other image of a pair
     */
    public record Shown(
            Finding finding,
            @Nullable Picture picture,
            @Nullable Picture other) {}

    public ReportFindings {
        shown = List.copyOf(shown);
    }
}
