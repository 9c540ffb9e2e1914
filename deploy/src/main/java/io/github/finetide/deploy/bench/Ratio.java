package io.github.finetide.deploy.bench;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Two figures of one run, divided.
 *
 * @param over name of the numerator's figure
 * @param under name of the denominator's
 * @param goal what the project aims at on two cores with AVX-512; 0: nothing
 * @param atMost whether less is better
 */
record Ratio(String name, String over, String under, double goal, boolean atMost) {
    private static final List<Ratio> SPEEDS = List.of(
            atLeast("int8VsOnnxRuntimeBatch32", "network.int8.batch32", "onnxRuntime.fp32.batch32", 3.5),
            atMost("int8VsOnnxRuntimeBatch1Time", "onnxRuntime.fp32.batch1", "network.int8.batch1", 0.4),
            atLeast("bf16VsOnnxRuntimeBatch32", "network.bf16.batch32", "onnxRuntime.fp32.batch32", 1.8),
            atLeast("fp32VsOnnxRuntimeBatch32", "network.fp32.batch32", "onnxRuntime.fp32.batch32", 0.85),
            atLeast("int8VsBf16Batch32", "network.int8.batch32", "network.bf16.batch32", 1.9),
            known("fp32VsPyTorchBatch32", "network.fp32.batch32", "pyTorch.fp32.batch32"),
            known("fp32VsDjlBlocksBatch8", "network.fp32.batch8", "djlBlocks.fp32.batch8"),
            known("fp32VsMatrixProduct", "network.fp32.batch32", "matrixProduct.fp32.limit"),
            known("bf16VsMatrixProduct", "network.bf16.batch32", "matrixProduct.bf16.limit"),
            known("int8VsMatrixProduct", "network.int8.batch32", "matrixProduct.int8.limit"),
            atLeast("endToEndVsNetwork", "endToEnd.fastest.batch32", "endToEnd.fastest.network", 0.93),
            atMost("singleRequestVsAllowed", "endToEnd.fastest.latency", "endToEnd.fastest.latencyAllowed", 1),
            known("endToEndFp32VsNetwork", "endToEnd.fp32.batch32", "endToEnd.fp32.network"),
            known("endToEndBf16VsNetwork", "endToEnd.bf16.batch32", "endToEnd.bf16.network"),
            known("endToEndInt8VsNetwork", "endToEnd.int8.batch32", "endToEnd.int8.network"),
            atLeast("twoWorkersVsOne", "fleet.twoWorkers", "fleet.oneWorker", 1.8),
            atMost("fiftyModelsVsOneTime", "fleet.oneModel", "fleet.fiftyModels", 1.05),
            atMost("fiftyModelsVsOneMemory", "fleet.fiftyModels.residentSet", "fleet.oneModel.residentSet", 1.05));

    /** All that are worth a name. */
    static final List<Ratio> ALL = Stream.of(
                    SPEEDS, training("", "training."), training("Batch16", "training.batch16."))
            .flatMap(List::stream)
            .toList();

    private static List<Ratio> training(String batch, String prefix) {
        String script = prefix + "pyTorch.tuned";
        String allCores = prefix + "pyTorch.allCores";
        return List.of(
                atLeast("updateFp32VsPyTorch" + batch, prefix + "update.fp32", script, 1.3),
                atLeast("updateBf16VsPyTorch" + batch, prefix + "update.bf16", script, 2),
                atLeast("frozenBf16VsPyTorch" + batch, prefix + "frozen.bf16", script, 3.5),
                atLeast("frozenInt8VsPyTorch" + batch, prefix + "frozen.int8", script, 6),
                known("updateFp32VsPyTorchAllCores" + batch, prefix + "update.fp32", allCores),
                known("updateBf16VsPyTorchAllCores" + batch, prefix + "update.bf16", allCores),
                known("frozenBf16VsPyTorchAllCores" + batch, prefix + "frozen.bf16", allCores),
                known("frozenInt8VsPyTorchAllCores" + batch, prefix + "frozen.int8", allCores),
                atLeast("updateFp32VsPyTorchAsRun" + batch, prefix + "update.fp32", prefix + "pyTorch.asRun", 3),
                atMost("twentyEpochsVsFirst" + batch, prefix + "cached.allEpochs", prefix + "cached.firstEpoch", 1.2));
    }

    private static Ratio atLeast(String name, String over, String under, double goal) {
        return new Ratio(name, over, under, goal, false);
    }

    private static Ratio atMost(String name, String over, String under, double goal) {
        return new Ratio(name, over, under, goal, true);
    }

    private static Ratio known(String name, String over, String under) {
        return new Ratio(name, over, under, 0, false);
    }

    /** Its value; empty where one of the figures is missing. */
    Optional<Double> of(Map<String, Figure> figures) {
        Figure numerator = figures.get(over);
        Figure denominator = figures.get(under);
        return numerator == null || denominator == null || denominator.value() == 0
                ? Optional.empty()
                : Optional.of(numerator.value() / denominator.value());
    }

    /** The goal in words, empty where there is none. */
    String wanted() {
        return goal == 0 ? "" : (atMost ? "<= " : ">= ") + goal;
    }

    boolean isReached(double value) {
        return atMost ? value <= goal : value >= goal;
    }
}
