package io.github.finetide.trainer.report;

import java.util.Optional;

/** What a report shows of the released model beside its scores. */
public record ReportDetails(
        ReportPictures pictures, Optional<Reliability> reliability, Optional<ReportFindings> findings) {
    /** Before there is a release. */
    public static final ReportDetails NONE = new ReportDetails(ReportPictures.NONE, Optional.empty(), Optional.empty());
}
