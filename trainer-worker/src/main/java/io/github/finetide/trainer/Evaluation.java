package io.github.finetide.trainer;

import java.util.List;

/**
 * What a pass over the validation set gave.
 *
 * @param top5Accuracy share of images whose label is among the five most probable classes, 0..1
 * @param confusionMatrix row: label, column: prediction, in images; empty above {@link
 *     #MAX_CONFUSION_CLASSES} classes
 * @param perClass one entry a class, in the order of the classes; empty above {@link
 *     #MAX_LISTED_CLASSES} classes
 */
public record Evaluation(
        Scores scores, double top5Accuracy, List<List<Integer>> confusionMatrix, List<ClassScores> perClass) {

    /** 256 x 256 counts are about 150 KB of JSON; Kafka takes 1 MB a message unless told otherwise. */
    public static final int MAX_CONFUSION_CLASSES = 256;

    /** 4000 entries of about 100 bytes are 400 KB of JSON, for the same reason. */
    public static final int MAX_LISTED_CLASSES = 4000;

    public Evaluation {
        confusionMatrix = confusionMatrix.stream().map(List::copyOf).toList();
        perClass = List.copyOf(perClass);
    }

    /**
     * One class's share of an {@link Evaluation}.
     *
     * @param classId index of the class, from 0
     * @param precision correct / predicted as this class; 0 where nothing was predicted so
     * @param recall correct / images of this class; 0 where there is none
     * @param support images of this class
     */
    public record ClassScores(int classId, double precision, double recall, int support) {}
}
