package io.github.finetide.inference.model;

import io.github.finetide.message.Precision;
import java.util.List;

/** What answers and metrics say of a model in memory. */
public record ModelInfo(String model, String version, List<String> classNames, int imageSize, Precision precision) {}
