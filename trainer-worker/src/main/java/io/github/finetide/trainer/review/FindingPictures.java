package io.github.finetide.trainer.review;

import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.FindingKind;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.report.ReportFindings;
import io.github.finetide.trainer.report.ReportFindings.Shown;
import io.github.finetide.trainer.report.ReportPictures.Picture;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The first findings of each kind with small pictures of their images. */
public final class FindingPictures {
    /** 24 labels, 12 pairs and so on are some 300 KB. */
    private static final Map<FindingKind, Integer> MOST = new EnumMap<>(Map.of(
            FindingKind.LABEL_ERROR, 24,
            FindingKind.LEAK, 12,
            FindingKind.NEAR_DUPLICATE, 12,
            FindingKind.OUTLIER, 12,
            FindingKind.SMALL_CLASS, 50));

    private final Map<URI, Integer> indexes = new HashMap<>();
    private final Map<URI, Integer> validationIndexes = new HashMap<>();
    private final ImageSet training;
    private final ImageSet validation;

    /** @param training as validation images are prepared */
    public FindingPictures(ImageSet training, ImageSet validation) {
        this.training = training;
        this.validation = validation;
        index(training, indexes);
        index(validation, validationIndexes);
    }

    private static void index(ImageSet images, Map<URI, Integer> indexes) {
        for (int i = 0; i < images.size(); i++) {
            indexes.put(images.manifest().entries().get(i).image(), i);
        }
    }

    /** Chooses and reads them. */
    public ReportFindings of(List<Finding> findings, String lookedAt) {
        Map<FindingKind, Integer> counts = new EnumMap<>(FindingKind.class);
        List<Shown> shown = new ArrayList<>();
        for (Finding finding : findings) {
            if (counts.merge(finding.kind(), 1, Integer::sum) <= MOST.getOrDefault(finding.kind(), 0)) {
                shown.add(new Shown(
                        finding,
                        picture(finding.image(), finding.label(), note(finding)),
                        picture(finding.other(), "the other", "")));
            }
        }
        return new ReportFindings(FindingCounts.of(findings), shown, lookedAt);
    }

    private static String note(Finding finding) {
        String suggested = finding.suggested();
        String what = suggested == null ? "" : suggested + ", ";
        String place = finding.line() == null ? "" : ", line " + finding.line();
        return String.format(Locale.ROOT, "%s%.3f%s", what, finding.score(), place);
    }

    private @Nullable Picture picture(@Nullable URI image, String caption, String note) {
        if (image == null) {
            return null;
        }
        Integer index = indexes.get(image);
        ImageSet images = index == null ? validation : training;
        int place = index == null ? validationIndexes.getOrDefault(image, 0) : index;
        return new Picture(Thumbnail.of(images.pixels(1, place), images.edge()), caption, note);
    }
}
