package io.github.finetide.trainer;

/** The epoch with the highest validation accuracy so far; of equals the first, as in the article. */
public record Best(int epoch, double accuracy, double loss) {}
