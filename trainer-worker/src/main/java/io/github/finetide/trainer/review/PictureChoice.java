package io.github.finetide.trainer.review;

import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.report.ReportPictures;
import io.github.finetide.trainer.report.ReportPictures.OfClass;
import io.github.finetide.trainer.report.ReportPictures.Picture;
import io.github.finetide.trainer.review.ImagePredictions.Of;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses the images that a report shows; follows from the job and its images alone. */
public final class PictureChoice {
    private static final int TRAINING = 16;
    private static final int WORST = 24;

    /** In base64: with the largest matrix and the findings the page stays below 3 MB. */
    private static final int MAX_CHARS = 1_600_000;

    private final ImageSet validation;
    private final ClassMaps maps;
    private final List<String> classNames;
    private int chars;

    public PictureChoice(ImageSet validation, ClassMaps maps, List<String> classNames) {
        this.validation = validation;
        this.maps = maps;
        this.classNames = classNames;
    }

    /**
     * Chooses and reads them.
     *
     * @param pass the training pass of the first epoch
     */
    public ReportPictures of(BatchSampler pass, ImagePredictions predictions) {
        List<Picture> training = new ArrayList<>();
        ImageSet images = pass.images();
        for (int i = 0; i < Math.min(TRAINING, pass.order().length); i++) {
            int index = pass.order()[i];
            int label = images.manifest().entries().get(index).label();
            training.add(picture(images, pass.epoch(), index, classNames.get(label), ""));
        }
        List<Picture> worst = predictions.all().stream()
                .sorted(Comparator.comparingDouble(Of::loss).reversed())
                .limit(WORST)
                .map(this::mapped)
                .toList();
        List<OfClass> classes = classes(predictions);
        return new ReportPictures(training, worst, classes, classNames.size() - classes.size());
    }

    private List<OfClass> classes(ImagePredictions predictions) {
        var byLabel = predictions.all().stream().collect(Collectors.groupingBy(Of::label));
        List<OfClass> classes = new ArrayList<>();
        for (int label = 0; label < classNames.size() && chars < MAX_CHARS; label++) {
            List<Of> ofClass = byLabel.getOrDefault(label, List.of());
            if (!ofClass.isEmpty()) {
                classes.add(new OfClass(
                        classNames.get(label), surest(ofClass, Of::isRight), surest(ofClass, one -> !one.isRight())));
            }
        }
        return classes;
    }

    private @Nullable Picture surest(List<Of> some, Predicate<Of> which) {
        Optional<Of> surest = some.stream().filter(which).max(Comparator.comparingDouble(Of::probability));
        return surest.map(this::judged).orElse(null);
    }

    private Picture mapped(Of one) {
        Picture judged = judged(one);
        String overlay = Thumbnail.of(maps.drawn(validation, one.index(), one.predicted()));
        chars += overlay.length();
        return new Picture(judged.jpeg(), judged.caption(), judged.note(), overlay);
    }

    private Picture judged(Of one) {
        String note = String.format(
                Locale.ROOT,
                "%s %.1f %%, loss %.2f",
                one.isRight() ? "right," : classNames.get(one.predicted()),
                100 * one.probability(),
                one.loss());
        return picture(validation, 1, one.index(), classNames.get(one.label()), note);
    }

    private Picture picture(ImageSet images, int epoch, int index, String caption, String note) {
        String jpeg = Thumbnail.of(images.pixels(epoch, index), images.edge());
        chars += jpeg.length();
        return new Picture(jpeg, caption, note);
    }
}
