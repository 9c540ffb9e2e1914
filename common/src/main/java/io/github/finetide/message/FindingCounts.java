package io.github.finetide.message;

import java.util.Collection;

/** How many findings of each kind there are. */
public record FindingCounts(int labelErrors, int nearDuplicates, int leaks, int outliers, int smallClasses) {
    public FindingCounts {
        Check.atLeast("labelErrors", labelErrors, 0);
        Check.atLeast("nearDuplicates", nearDuplicates, 0);
        Check.atLeast("leaks", leaks, 0);
        Check.atLeast("outliers", outliers, 0);
        Check.atLeast("smallClasses", smallClasses, 0);
    }

    public static FindingCounts of(Collection<Finding> findings) {
        return new FindingCounts(
                count(findings, FindingKind.LABEL_ERROR),
                count(findings, FindingKind.NEAR_DUPLICATE),
                count(findings, FindingKind.LEAK),
                count(findings, FindingKind.OUTLIER),
                count(findings, FindingKind.SMALL_CLASS));
    }

    private static int count(Collection<Finding> findings, FindingKind kind) {
        return Math.toIntExact(
                findings.stream().filter(finding -> finding.kind() == kind).count());
    }
}
