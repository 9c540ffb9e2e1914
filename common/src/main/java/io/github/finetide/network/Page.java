package io.github.finetide.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/** A page of TorchScript loaded into libtorch; its methods are called by name. */
final class Page implements AutoCloseable {
    private final PtSymbolBlock block;
    private final NDManager manager;
    private final Map<String, NDArray> markers = new HashMap<>();
    private final NDArray like;

    /**
     * Loads a page.
     *
     * @param archive of {@link PageArchive}
     * @param manager that owns the page, and whose device it runs on
     */
    Page(byte[] archive, NDManager manager) {
        this.manager = manager;
        try {
            block = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        like = manager.create(0f);
    }

    /** Gives a method tensors by name: they are shared with the page, not copied. */
    void give(String method, Map<String, NDArray> tensors) {
        NDList inputs = new NDList();
        // DJL makes one Dict[str, Tensor] of what is named "w.": the first argument.
        tensors.forEach((name, tensor) -> {
            tensor.setName("w." + name);
            inputs.add(tensor);
        });
        inputs.add(like);
        inputs.add(marker(method));
        IValueUtils.forward(block, inputs, false).forEach(NDArray::close);
    }

    /** Runs a method that only changes the page's state. */
    void run(String method) {
        IValueUtils.forward(block, new NDList(like, marker(method)), false).forEach(NDArray::close);
    }

    /**
     * Runs a method.
     *
     * @param autograd whether the result is part of a graph of gradients
     * @return owned by the manager of the first input
     */
    NDArray run(String method, boolean autograd, NDArray... inputs) {
        NDList arguments = new NDList(inputs);
        // A name would be read as a method or as a part of a dictionary.
        arguments.forEach(input -> input.setName(null));
        arguments.add(marker(method));
        // Thread by thread: the simple executor runs operator by operator, as PyTorch does.
        JniUtils.setGraphExecutorOptimize(false);
        NDArray result = IValueUtils.forward(block, arguments, autograd).singletonOrThrow();
        if (autograd) {
            return result;
        }
        // Without autograd DJL runs in c10::InferenceMode; autograd later refuses such tensors.
        try (result) {
            return result.duplicate();
        }
    }

    private NDArray marker(String method) {
        return markers.computeIfAbsent(method, name -> {
            NDArray marker = manager.create(0f);
            marker.setName("module_method:" + name);
            return marker;
        });
    }

    @Override
    public void close() {
        block.close();
        like.close();
        markers.values().forEach(NDArray::close);
    }
}
