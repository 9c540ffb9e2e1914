package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** TensorBytes between libtorch and files, bit for bit. */
public final class TensorBytes {
    private static final String STEP = "step"; // PyTorch's name for how many steps were taken

    private TensorBytes() {}

    public static NDArray array(TensorData data, NDManager manager) {
        return manager.create(direct(data), new Shape(data.shape()), type(data.type()));
    }

    /** A copy of its own, which libtorch uses in place. */
    private static ByteBuffer direct(TensorData data) {
        return ByteBuffer.allocateDirect(data.bytes().remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(data.bytes())
                .flip();
    }

    public static TensorData data(String name, NDArray array) {
        ElementType type = array.getDataType() == DataType.FLOAT32 ? ElementType.F32 : ElementType.U8;
        return new TensorData(name, type, array.getShape().getShape(), array.toByteBuffer());
    }

    private static DataType type(ElementType type) {
        return switch (type) {
            case F32 -> DataType.FLOAT32;
            case U8 -> DataType.UINT8;
            default -> throw new IllegalArgumentException("no tensor of a checkpoint is " + type);
        };
    }

    /** Returns the moments and the count of steps. */
    static StateDict state(UpdateRule rule) {
        List<TensorData> tensors = new ArrayList<>();
        rule.memory().forEach((name, moment) -> tensors.add(data(name, moment)));
        ByteBuffer steps = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        steps.putLong(0, rule.steps());
        tensors.add(new TensorData(STEP, ElementType.I64, new long[0], steps));
        return StateDict.of(tensors);
    }

    /**
     * Puts back what {@link #state} gave.
     *
     * @throws FaultException INVALID if it is the state of another optimiser or other parameters
     */
    static void restore(UpdateRule rule, StateDict state) {
        rule.memory().forEach((name, moment) -> {
            TensorData saved = state.find(name)
                    .filter(data ->
                            Arrays.equals(data.shape(), moment.getShape().getShape()))
                    .orElseThrow(() -> new FaultException(
                            ErrorKind.INVALID, "the checkpoint's optimiser state has no fitting " + name));
            try (NDArray kept = array(saved, moment.getManager())) {
                moment.set(new NDIndex("..."), kept); // a buffer set at once makes libtorch warn on standard error
            }
        });
        rule.resumeAt(state.get(STEP).bytes().getLong());
    }
}
