package io.github.finetide.store;

import io.github.finetide.message.Scores;
import io.github.finetide.message.ValidationScores;

/** How a finished epoch went. */
public record EpochScores(int epoch, double learningRate, Scores train, ValidationScores validation) {}
