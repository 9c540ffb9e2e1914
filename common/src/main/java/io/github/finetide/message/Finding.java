package io.github.finetide.message;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Something doubtful in a data set.
 *
 * @param manifest the list or class folders that have it
 * @param line of the manifest, from 1; absent in class folders, and for a class
 * @param image absent for a class
 * @param label its class as the data set has it
 * @param suggested the class that it probably is; absent in other kinds than {@code labelError}
 * @param score how sure: of a label the suggested class's probability less the label's, of a pair the cosine of their features, of an
 *     outlier its distance, of a class its number of images
 * @param other the other image of a pair
 */
public record Finding(
        FindingKind kind,
        URI manifest,
        @Nullable Integer line,
        @Nullable URI image,
        String label,
        @Nullable String suggested,
        double score,
        @Nullable URI other) {
    public Finding {
        if (line != null) {
            Check.atLeast("line", line, 1);
        }
        Check.finite("score", score);
    }
}
