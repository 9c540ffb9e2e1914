package io.github.finetide.trainer.learning;

import io.github.finetide.message.ClassScores;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.Scores;
import io.github.finetide.message.ValidationScores;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Counts a pass over the validation set, class by class too. */
public final class EvaluationAccumulator {
    private final List<String> classNames;
    private final ScoreAccumulator total = new ScoreAccumulator();
    private final int[] support;
    private final int[] predictedAs;
    private final int[] hits;
    private final Map<Long, Integer> confusion = new HashMap<>(); // sparse: classes may be 100,000
    private long inTop5;

    public EvaluationAccumulator(List<String> classNames) {
        this.classNames = classNames;
        support = new int[classNames.size()];
        predictedAs = new int[classNames.size()];
        hits = new int[classNames.size()];
    }

    /**
     * Adds a batch.
     *
     * @param top5 the most probable classes of each image one after the other, five or as many as there are
     */
    public void add(float loss, long[] predicted, long[] top5, int[] labels) {
        total.add(loss, predicted, labels);
        int k = top5.length / labels.length;
        for (int i = 0; i < labels.length; i++) {
            count(labels[i], (int) predicted[i]);
            for (int j = i * k; j < (i + 1) * k; j++) {
                inTop5 += top5[j] == labels[i] ? 1 : 0;
            }
        }
    }

    public void add(DeferredBatchResults.Reading batch) {
        add(batch.loss(), batch.predicted(), batch.top(), batch.labels());
    }

    private void count(int label, int predicted) {
        support[label]++;
        predictedAs[predicted]++;
        hits[label] += label == predicted ? 1 : 0;
        confusion.merge((long) label * classNames.size() + predicted, 1, Integer::sum);
    }

    public Evaluation evaluation() {
        Scores scores = total.scores();
        double top5Accuracy = (double) inTop5 / total.sums().images();
        return new Evaluation(
                new ValidationScores(scores.loss(), scores.accuracy(), top5Accuracy, macroF1(), balancedAccuracy()),
                confusionMatrix(),
                perClass());
    }

    /** scikit-learn's {@code f1_score(average="macro")}: classes that neither are there nor predicted do not count. */
    private double macroF1() {
        return IntStream.range(0, support.length)
                .filter(i -> support[i] + predictedAs[i] > 0)
                .mapToDouble(this::f1)
                .average()
                .orElse(0);
    }

    private double f1(int label) {
        return ratio(2L * hits[label], (long) support[label] + predictedAs[label]);
    }

    /** scikit-learn's {@code balanced_accuracy_score}: classes that are not there do not count. */
    private double balancedAccuracy() {
        return IntStream.range(0, support.length)
                .filter(i -> support[i] > 0)
                .mapToDouble(i -> ratio(hits[i], support[i]))
                .average()
                .orElse(0);
    }

    private @Nullable List<List<Integer>> confusionMatrix() {
        int classes = classNames.size();
        if (classes > EpochMetrics.MAX_CONFUSION_CLASSES) {
            return null;
        }
        List<List<Integer>> rows = new ArrayList<>(classes);
        for (long label = 0; label < classes; label++) {
            List<Integer> row = new ArrayList<>(classes);
            for (long predicted = 0; predicted < classes; predicted++) {
                row.add(confusion.getOrDefault(label * classes + predicted, 0));
            }
            rows.add(row);
        }
        return rows;
    }

    private @Nullable List<ClassScores> perClass() {
        if (classNames.size() > EpochMetrics.MAX_CLASS_SCORES) {
            return null;
        }
        List<ClassScores> scores = new ArrayList<>(classNames.size());
        for (int i = 0; i < classNames.size(); i++) {
            scores.add(new ClassScores(
                    classNames.get(i), ratio(hits[i], predictedAs[i]), ratio(hits[i], support[i]), support[i], f1(i)));
        }
        return scores;
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }
}
