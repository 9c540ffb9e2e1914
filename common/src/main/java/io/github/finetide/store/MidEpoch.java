package io.github.finetide.store;

/**
 * How far an unfinished epoch's training pass has come.
 *
 * @param batches of the epoch that are trained
 * @param lossSum of those batches' losses
 * @param correct predictions in those batches
 */
public record MidEpoch(int batches, double lossSum, long correct) {}
