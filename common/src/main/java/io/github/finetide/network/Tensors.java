package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Copies between {@link TensorData} and arrays in libtorch, in native memory on both devices. */
final class Tensors {
    private Tensors() {}

    /** Makes the arrays of a layout; batch counts that the weights lack start at 0. */
    static Map<String, NDArray> create(Layout layout, StateDict weights, NDManager manager) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        layout.shapes().forEach((name, shape) -> {
            DataType type = Layout.isBatchCount(name) ? DataType.INT64 : DataType.FLOAT32;
            NDArray array = manager.zeros(new Shape(shape), type);
            arrays.put(name, array);
            weights.find(name).ifPresent(data -> write(data, array));
        });
        return arrays;
    }

    /** Makes arrays of F32 and I64 tensors. */
    static Map<String, NDArray> create(StateDict tensors, NDManager manager) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        tensors.tensors().forEach(tensor -> arrays.put(tensor.name(), create(tensor, manager)));
        return arrays;
    }

    /** Makes an array of an F32 or I64 tensor. */
    static NDArray create(TensorData data, NDManager manager) {
        DataType type = data.type() == ElementType.I64 ? DataType.INT64 : DataType.FLOAT32;
        NDArray array = manager.zeros(new Shape(data.shape()), type);
        write(data, array);
        return array;
    }

    /** Overwrites an array of the same shape and type. */
    static void write(TensorData data, NDArray array) {
        if (type(array) != data.type() || !Arrays.equals(array.getShape().getShape(), data.shape())) {
            throw new FaultException(
                    ErrorKind.INVALID, "%s does not fit %s %s".formatted(data, type(array), array.getShape()));
        }
        if (array.getDevice().equals(Device.cpu())) {
            array.toByteBuffer(true).put(data.bytes());
            return;
        }
        try (NDArray copy = array.getManager().create(data.bytes(), array.getShape(), array.getDataType())) {
            copy.copyTo(array);
        }
    }

    /** Copies arrays out, in the layout's order. */
    static StateDict read(Layout layout, Map<String, NDArray> arrays, Collection<String> names) {
        Set<String> wanted = Set.copyOf(names);
        List<TensorData> copies = new ArrayList<>();
        arrays.forEach((name, array) -> {
            if (wanted.contains(name)) {
                copies.add(read(name, array));
            }
        });
        if (copies.size() != wanted.size()) {
            throw new IllegalArgumentException(
                    layout.architecture().wire() + " does not have all of the tensors " + names);
        }
        return StateDict.of(copies);
    }

    /** Copies one array out. */
    static TensorData read(String name, NDArray array) {
        try (NDArray host = array.toDevice(Device.cpu(), true)) {
            ByteBuffer live = host.toByteBuffer(true);
            ByteBuffer copy = ByteBuffer.allocate(live.remaining()).put(live).flip();
            return new TensorData(name, type(array), array.getShape().getShape(), copy);
        }
    }

    static void zeroGradient(NDArray parameter) {
        JniUtils.zeroGrad((PtNDArray) parameter);
    }

    private static ElementType type(NDArray array) {
        return switch (array.getDataType()) {
            case FLOAT32 -> ElementType.F32;
            case INT64 -> ElementType.I64;
            case UINT8 -> ElementType.U8;
            default -> throw new IllegalArgumentException("not a type of a network: " + array.getDataType());
        };
    }
}
