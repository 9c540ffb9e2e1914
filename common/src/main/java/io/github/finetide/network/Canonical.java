package io.github.finetide.network;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Turns tensors of any floating type into the form networks are opened with. */
public final class Canonical {
    private static final int SIGN = 0x8000;
    private static final int HALF_FRACTION_BITS = 10;
    private static final int HALF_EXPONENT_MASK = 0x1F;
    private static final int HALF_BIAS = 15;

    private Canonical() {}

    /**
     * Orders tensors as the layout, makes floating numbers F32, and adds batch counts of 0 where they
     * are missing. The head is kept as it is, or left out where there is none.
     *
     * @throws io.github.finetide.message.FaultException INVALID if the backbone is not the layout's
     */
    public static StateDict of(Layout layout, StateDict weights) {
        layout.checkBackbone(weights);
        List<TensorData> tensors = new ArrayList<>();
        for (String name : layout.shapes().keySet()) {
            if (Layout.isBatchCount(name)) {
                tensors.add(weights.find(name).map(Canonical::batches).orElseGet(() -> noBatches(name)));
            } else {
                weights.find(name).ifPresent(tensor -> tensors.add(checked(float32(tensor))));
            }
        }
        return StateDict.of(tensors);
    }

    /** As PyTorch's {@code load_state_dict}: the first of a list, of whatever type, cut to an integer. */
    private static TensorData batches(TensorData count) {
        double first = count.type().isFloating() ? next(count, count.bytes()) : 0;
        if (!Double.isFinite(first)) {
            throw notFinite(count, first);
        }
        long whole = count.type().isFloating() ? (long) first : whole(count.type(), count.bytes());
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        return new TensorData(
                count.name(), ElementType.I64, new long[0], value.putLong(whole).flip());
    }

    private static long whole(ElementType type, ByteBuffer from) {
        return switch (type) {
            case I64 -> from.getLong();
            case I32 -> from.getInt();
            case I16 -> from.getShort();
            case I8 -> from.get();
            case BOOL -> from.get() == 0 ? 0 : 1;
            default -> from.get() & 0xFF;
        };
    }

    private static FaultException notFinite(TensorData tensor, double value) {
        return new FaultException(ErrorKind.INVALID, "weights: " + tensor + " holds " + value);
    }

    private static TensorData checked(TensorData tensor) {
        FiniteNumbers.fault(tensor).ifPresent(fault -> {
            throw new FaultException(ErrorKind.INVALID, "weights: " + fault);
        });
        return tensor;
    }

    private static TensorData noBatches(String name) {
        return new TensorData(name, ElementType.I64, new long[0], ByteBuffer.allocate(Long.BYTES));
    }

    public static TensorData float32(TensorData tensor) {
        if (tensor.type() == ElementType.F32) {
            return tensor;
        }
        int count = Math.toIntExact(tensor.count());
        ByteBuffer from = tensor.bytes();
        ByteBuffer to =
                ByteBuffer.allocate(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            to.putFloat(next(tensor, from));
        }
        return new TensorData(tensor.name(), ElementType.F32, tensor.shape(), to.flip());
    }

    private static float next(TensorData tensor, ByteBuffer from) {
        return switch (tensor.type()) {
            case F32 -> from.getFloat();
            case F64 -> narrowed(tensor, from.getDouble());
            case F16 -> half(from.getShort());
            case BF16 -> Float.intBitsToFloat(from.getShort() << Short.SIZE);
            default -> throw new FaultException(ErrorKind.INVALID, "weights: " + tensor + " holds no fractions");
        };
    }

    private static float narrowed(TensorData tensor, double value) {
        if (Double.isFinite(value) && !Float.isFinite((float) value)) {
            throw new FaultException(
                    ErrorKind.INVALID, "weights: " + tensor + " holds " + value + ", more than fp32 can");
        }
        return (float) value;
    }

    /** Converts IEEE 754 binary16. */
    public static float half(short bits) {
        int exponent = bits >> HALF_FRACTION_BITS & HALF_EXPONENT_MASK;
        int fraction = bits & (1 << HALF_FRACTION_BITS) - 1;
        float sign = (bits & SIGN) == 0 ? 1 : -1;
        if (exponent == HALF_EXPONENT_MASK) {
            return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
        }
        if (exponent == 0) {
            return sign * Math.scalb((float) fraction, 1 - HALF_BIAS - HALF_FRACTION_BITS);
        }
        float significand = fraction | 1 << HALF_FRACTION_BITS;
        return sign * Math.scalb(significand, exponent - HALF_BIAS - HALF_FRACTION_BITS);
    }
}
