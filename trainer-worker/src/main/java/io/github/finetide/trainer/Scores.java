package io.github.finetide.trainer;

/**
 * What one pass over a data set gave.
 *
 * @param loss mean of the batch losses (not of the images': a last, smaller batch counts as much as
 *     the others), as in the article
 * @param accuracy correct / size of the data set, 0..1
 */
public record Scores(double loss, double accuracy) {}
