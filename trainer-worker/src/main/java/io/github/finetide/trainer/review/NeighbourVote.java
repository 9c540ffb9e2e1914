package io.github.finetide.trainer.review;

/**
 * Probabilities of an image's class from the labels of the images most alike to it, its own left out: for training images,
 * whose labels the model knows by heart.
 */
final class NeighbourVote {
    private NeighbourVote() {}

    /**
     * Counts.
     *
     * @param first row whose image is counted, the others follow
     * @param labels of those images, in order; only they vote
     * @return {@code [images, classes]}, row by row
     */
    static float[] of(Neighbours neighbours, int first, int[] labels, int classes) {
        float[] votes = new float[Math.multiplyExact(labels.length, classes)];
        for (int image = 0; image < labels.length; image++) {
            int[] near = neighbours.index()[first + image];
            float[] cosine = neighbours.cosine()[first + image];
            float sum = 0;
            for (int k = 0; k < near.length; k++) {
                int voter = near[k] - first;
                if (near[k] >= 0 && voter >= 0 && voter < labels.length && cosine[k] > 0) {
                    votes[image * classes + labels[voter]] += cosine[k];
                    sum += cosine[k];
                }
            }
            for (int c = 0; c < classes && sum > 0; c++) {
                votes[image * classes + c] /= sum;
            }
        }
        return votes;
    }
}
