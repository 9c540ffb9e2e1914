package io.github.finetide.tensor;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes contiguous tensors of the views that a PyTorch file holds. */
final class TorchTensors {
    /** ResNet152 saved channels-last is 0.24 GB of copies; beyond this a file is playing tricks. */
    private static final long MAX_COPIED_BYTES = 1L << 30;

    private final Map<Object, ByteBuffer> storages;
    private long copied;

    /** Takes the storages' bytes by key. */
    TorchTensors(Map<Object, ByteBuffer> storages) {
        this.storages = storages;
    }

    /** Reads the tensors of a state dict. */
    StateDict dict(Map<?, ?> entries) {
        List<TensorData> tensors = new ArrayList<>();
        entries.forEach((name, entry) -> {
            if (!(name instanceof String text)) {
                throw new PickleException("its entry " + name + " is named by no string");
            }
            if (!(entry instanceof TorchPickle.Tensor tensor)) {
                throw new PickleException(
                        "its entry " + name + " is no tensor" + what(entry) + "; save the state_dict() alone");
            }
            tensors.add(tensor(text, tensor.view()));
        });
        return StateDict.of(tensors);
    }

    private static String what(Object entry) {
        return entry instanceof Unpickler.Opaque opaque ? " that can be read: " + opaque.what() : "";
    }

    private TensorData tensor(String name, TorchPickle.Strided view) {
        TorchPickle.Storage storage = view.storage();
        int width = storage.type().bytes();
        long[] shape = view.shape().stream().mapToLong(Long::longValue).toArray();
        long count = count(name, view, shape, width);
        if (count == 0) {
            return new TensorData(name, storage.type(), shape, ByteBuffer.allocate(0));
        }
        ByteBuffer bytes = storages.get(storage.root());
        long end = Math.multiplyExact(Math.addExact(storage.offset(), storage.count()), (long) width);
        if (bytes == null || end > bytes.remaining()) {
            throw new PickleException(name + ": its storage is missing or cut off");
        }
        long first = storage.offset() + view.offset();
        if (isContiguous(view)) {
            ByteBuffer slice = bytes.slice((int) (first * width), (int) (count * width));
            return new TensorData(name, storage.type(), shape, slice);
        }
        return new TensorData(name, storage.type(), shape, gather(view, bytes, first, (int) count));
    }

    /** Checks that the view stays inside its storage, and returns its number of elements. */
    private static long count(String name, TorchPickle.Strided view, long[] shape, long width) {
        long last = view.offset();
        boolean plausible = view.offset() >= 0 && view.strides().size() == shape.length;
        for (int i = 0; plausible && i < shape.length; i++) {
            plausible = shape[i] >= 0 && view.strides().get(i) >= 0;
            last = Math.addExact(
                    last,
                    Math.multiplyExact(Math.max(0, shape[i] - 1), view.strides().get(i)));
        }
        long count = plausible ? TensorData.count(shape) : -1;
        long end = count == 0 ? 0 : last + 1;
        if (!plausible || end > view.storage().count() || count > TensorData.MAX_BYTES / width) {
            throw new PickleException(name + ": its shape and strides leave its storage");
        }
        return count;
    }

    private static boolean isContiguous(TorchPickle.Strided view) {
        long expected = 1;
        for (int i = view.shape().size() - 1; i >= 0; i--) {
            if (view.shape().get(i) != 1 && view.strides().get(i) != expected) {
                return false;
            }
            expected *= view.shape().get(i);
        }
        return true;
    }

    /** Copies the elements in row-major order. */
    private ByteBuffer gather(TorchPickle.Strided view, ByteBuffer bytes, long first, int count) {
        int width = view.storage().type().bytes();
        copied += (long) count * width;
        if (copied > MAX_COPIED_BYTES) {
            throw new PickleException("its strided tensors take more than " + MAX_COPIED_BYTES + " bytes");
        }
        ByteBuffer copy = ByteBuffer.allocate(count * width);
        long[] index = new long[view.shape().size()];
        long position = first;
        for (int i = 0; i < count; i++) {
            copy.put(bytes.slice((int) (position * width), width));
            position += step(view, index);
        }
        return copy.flip();
    }

    /** Moves the index to the next element and returns how far that is in the storage. */
    private static long step(TorchPickle.Strided view, long[] index) {
        long moved = 0;
        for (int i = index.length - 1; i >= 0; i--) {
            long stride = view.strides().get(i);
            if (++index[i] < view.shape().get(i)) {
                return moved + stride;
            }
            moved -= (index[i] - 1) * stride;
            index[i] = 0;
        }
        return moved;
    }
}
