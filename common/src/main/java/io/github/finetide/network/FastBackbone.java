package io.github.finetide.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The backbone of a residual network that does not train, in this processor's fast operators. Keeps
 * packed weights. On the processor only; see {@link FastPages} for where it can be used.
 */
final class FastBackbone implements AutoCloseable {
    private final Page page;
    private final NDManager manager;

    /** @param archive of {@link Pages#fast} */
    FastBackbone(byte[] archive, NDManager manager) {
        this.manager = manager;
        page = new Page(archive, manager);
    }

    /**
     * Packs the convolutions for batch statistics; not in int8.
     *
     * @param arrays of the whole backbone; those of batch norm are shared and move
     */
    void load(Map<String, NDArray> arrays) {
        Map<String, NDArray> backbone = new LinkedHashMap<>(arrays);
        backbone.keySet().removeIf(name -> name.startsWith("fc."));
        page.give("load", backbone);
    }

    /** As {@link Network#features} with batch statistics; of what was loaded. */
    NDArray featuresByBatchStatistics(NDArray pixels) {
        return page.run("features_by_batch_statistics", false, pixels);
    }

    /** Frees what was packed for running statistics. */
    void unpack() {
        page.run("unpack");
    }

    /** Packs the backbone anew for running statistics from arrays, which may change or end afterwards. */
    void pack(Map<String, NDArray> arrays) {
        groups(arrays).forEach(group -> page.give("pack", group));
    }

    /** Packs the backbone for running statistics from weights outside of libtorch, block by block. */
    void pack(StateDict weights) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        weights.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        for (Map<String, TensorData> group : groups(tensors)) {
            try (NDManager scope = manager.newSubManager()) {
                Map<String, NDArray> arrays = new LinkedHashMap<>();
                group.forEach((name, tensor) -> arrays.put(name, Tensors.create(tensor, scope)));
                page.give("pack", arrays);
            }
        }
    }

    /** Bottleneck by bottleneck, what comes before them together; without the head and the batch counts. */
    private static <T> List<Map<String, T>> groups(Map<String, T> tensors) {
        Map<String, Map<String, T>> groups = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (!name.startsWith("fc.") && !Layout.isBatchCount(name)) {
                String group = name.startsWith("layer") ? name.substring(0, name.indexOf('.', "layer1.".length())) : "";
                groups.computeIfAbsent(group, key -> new LinkedHashMap<>()).put(name, tensor);
            }
        });
        return List.copyOf(groups.values());
    }

    /** Sets the ranges of the activations, for int8. */
    void ranges(ActivationRanges ranges) {
        try (NDManager scope = manager.newSubManager()) {
            Map<String, NDArray> maxima = new LinkedHashMap<>();
            ranges.maxima().forEach((layer, maximum) -> maxima.put(layer, scope.create(maximum)));
            page.give("ranges", maxima);
        }
    }

    /** As {@link Network#features} with running statistics; of what was packed. */
    NDArray features(NDArray pixels) {
        return page.run("features_by_running_statistics", false, pixels);
    }

    /** As {@link Network#maps}; of what was packed. */
    NDArray maps(NDArray pixels) {
        return page.run("maps_by_running_statistics", false, pixels);
    }

    /** Counts values of the activations that these images have; not in int8. */
    void observe(NDArray pixels) {
        page.run("observe", false, pixels).close();
    }

    /** Returns what was counted: {@code [activations][ActivationRanges.BINS + 1]}. */
    double[][] histograms() {
        try (NDArray like = manager.create(0f);
                NDArray table = page.run("histograms", false, like)) {
            int columns = ActivationRanges.BINS + 1;
            double[] all = table.toDoubleArray();
            double[][] rows = new double[all.length / columns][columns];
            for (int i = 0; i < rows.length; i++) {
                System.arraycopy(all, i * columns, rows[i], 0, columns);
            }
            return rows;
        }
    }

    @Override
    public void close() {
        page.close();
    }
}
