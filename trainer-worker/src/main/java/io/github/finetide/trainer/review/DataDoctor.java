package io.github.finetide.trainer.review;

import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingKind;
import io.github.finetide.trainer.data.Manifest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for what is doubtful in a job's images. See RATIONALE.md, Why does the data doctor judge training labels by
 * neighbours?
 */
public final class DataDoctor {
    /** Copies that were encoded again or resized lie above, other images below; RATIONALE.md has the figures. */
    static final float NEARLY_THE_SAME = 0.99f;

    /** With fewer, one image more or less moves the recall by more than a tenth. */
    static final int FEW_VALIDATION_IMAGES = 10;

    static final int FEW_TRAINING_IMAGES = 10;

    /** Tukey's outer fence is at three times the range between the quartiles. */
    private static final double FENCE = 3;

    private static final int OUTLIER_NEIGHBOURS = 5; // copies of one strange image do not make it usual

    private final ImageEvidence training;
    private final ImageEvidence validation;
    private final List<String> classNames;

    public DataDoctor(ImageEvidence training, ImageEvidence validation, List<String> classNames) {
        this.training = training;
        this.validation = validation;
        this.classNames = classNames;
    }

    /**
     * Looks.
     *
     * @param manager of the device to compute on
     * @param afterEach run now and then
     * @return findings kind by kind, within each the surest first
     */
    public List<Finding> findings(NDManager manager, Runnable afterEach) {
        float[] all = Arrays.copyOf(training.features(), training.features().length + validation.features().length);
        System.arraycopy(validation.features(), 0, all, training.features().length, validation.features().length);
        Neighbours near = Neighbours.of(all, training.columns(), manager, afterEach);
        List<Finding> found = new ArrayList<>();
        found.addAll(labelErrors(training, near, 0));
        found.addAll(labelErrors(validation, near, training.size()));
        found.addAll(pairs(near));
        found.addAll(outliers(near));
        found.sort(Comparator.comparing(Finding::kind).thenComparing(Finding::score, Comparator.reverseOrder()));
        found.addAll(smallClasses(training.manifest(), FEW_TRAINING_IMAGES));
        found.addAll(smallClasses(validation.manifest(), FEW_VALIDATION_IMAGES));
        return found;
    }

    private List<Finding> labelErrors(ImageEvidence set, Neighbours near, int first) {
        int[] labels = IntStream.range(0, set.size())
                .map(row -> set.entry(row).label())
                .toArray();
        float[] known = set.probabilities();
        LabelErrors errors = new LabelErrors(
                known == null ? NeighbourVote.of(near, first, labels, classNames.size()) : known,
                labels,
                classNames.size());
        if (!errors.canJudge()) {
            return List.of();
        }
        return errors.suspects().stream()
                .map(one -> finding(
                        FindingKind.LABEL_ERROR, set, one.image(), classNames.get(one.probable()), one.margin(), null))
                .toList();
    }

    /** Each image with the one most alike to it. */
    private List<Finding> pairs(Neighbours near) {
        List<Finding> found = new ArrayList<>();
        for (int row = 0; row < near.index().length; row++) {
            for (int k = 0; k < Neighbours.NEAREST && near.cosine()[row][k] >= NEARLY_THE_SAME; k++) {
                int other = near.index()[row][k];
                if (other >= 0 && other < row) { // the later one of a pair names the earlier one
                    boolean leak = isTraining(row) != isTraining(other);
                    FindingKind kind = leak ? FindingKind.LEAK : FindingKind.NEAR_DUPLICATE;
                    found.add(finding(kind, set(row), place(row), null, near.cosine()[row][k], entry(other)));
                    break;
                }
            }
        }
        return found;
    }

    private List<Finding> outliers(Neighbours near) {
        double[] distances = Arrays.stream(near.cosine())
                .mapToDouble(cosine -> 1 - cosine[OUTLIER_NEIGHBOURS - 1])
                .toArray();
        double[] sorted = distances.clone();
        Arrays.sort(sorted);
        double low = sorted[sorted.length / 4];
        double high = sorted[sorted.length * 3 / 4];
        double fence = high + FENCE * (high - low);
        return IntStream.range(0, distances.length)
                .filter(row -> distances[row] > fence)
                .mapToObj(row -> finding(FindingKind.OUTLIER, set(row), place(row), null, distances[row], null))
                .toList();
    }

    private List<Finding> smallClasses(Manifest manifest, int few) {
        int[] counts = new int[classNames.size()];
        manifest.entries().forEach(entry -> counts[entry.label()]++);
        return IntStream.range(0, counts.length)
                .filter(label -> counts[label] < few)
                .mapToObj(label -> new Finding(
                        FindingKind.SMALL_CLASS,
                        manifest.source(),
                        null,
                        null,
                        classNames.get(label),
                        null,
                        counts[label],
                        null))
                .sorted(Comparator.comparingDouble(Finding::score))
                .toList();
    }

    private boolean isTraining(int row) {
        return row < training.size();
    }

    private ImageEvidence set(int row) {
        return isTraining(row) ? training : validation;
    }

    private int place(int row) {
        return isTraining(row) ? row : row - training.size();
    }

    private Manifest.Entry entry(int row) {
        return set(row).entry(place(row));
    }

    private Finding finding(
            FindingKind kind,
            ImageEvidence set,
            int row,
            @Nullable String suggested,
            double score,
            Manifest.@Nullable Entry other) {
        Manifest.Entry entry = set.entry(row);
        return new Finding(
                kind,
                set.manifest().source(),
                entry.line() == 0 ? null : entry.line(),
                entry.image(),
                classNames.get(entry.label()),
                suggested,
                score,
                other == null ? null : other.image());
    }
}
