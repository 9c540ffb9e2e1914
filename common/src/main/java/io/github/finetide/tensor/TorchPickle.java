package io.github.finetide.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Unpickles what {@code torch.save(model.state_dict())} writes: dictionaries, names, numbers and
 * tensors. Everything else a pickle can ask for is refused before it is looked at.
 */
final class TorchPickle extends Unpickler {
    /** Opcodes of protocol 2 that make plain values; calls go to {@link #CONSTRUCTORS} only. */
    private static final String PLAIN_OPCODES = "\u0080](NKMJGI\u0088\u0089\u008A)t\u0085\u0086\u0087qrhjQRsae.";

    /** A name of a tensor, a storage or a device. */
    private static final int MAX_STRING_BYTES = 4096;

    private static final Map<String, ElementType> STORAGES = Map.of(
            "DoubleStorage", ElementType.F64,
            "FloatStorage", ElementType.F32,
            "HalfStorage", ElementType.F16,
            "BFloat16Storage", ElementType.BF16,
            "LongStorage", ElementType.I64,
            "IntStorage", ElementType.I32,
            "ShortStorage", ElementType.I16,
            "CharStorage", ElementType.I8,
            "ByteStorage", ElementType.U8,
            "BoolStorage", ElementType.BOOL);

    private static final Map<String, IObjectConstructor> CONSTRUCTORS = Map.of(
            "collections.OrderedDict", arguments -> new LinkedHashMap<>(),
            "torch._utils._rebuild_tensor_v2", TorchPickle::tensor,
            "torch._utils._rebuild_parameter", arguments -> arguments[0]);

    /**
     * Where a tensor's elements are.
     *
     * @param key of the storage within the file
     * @param count elements in the storage
     */
    record Storage(ElementType type, String key, long count) {}

    /** A view of a storage; offset and strides count elements. */
    record Strided(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

    /** Reads one value and leaves the stream behind it. */
    static Object read(InputStream in) throws IOException {
        // Not closed: that would close the stream.
        return new TorchPickle().load(in);
    }

    private static Strided tensor(Object... arguments) {
        return new Strided(
                (Storage) arguments[0],
                ((Number) arguments[1]).longValue(),
                sizes((Object[]) arguments[2]),
                sizes((Object[]) arguments[3]));
    }

    private static List<Long> sizes(Object... numbers) {
        return List.of(numbers).stream()
                .map(number -> ((Number) number).longValue())
                .toList();
    }

    @Override
    protected Object dispatch(short opcode) throws IOException {
        switch (opcode) {
            case 'c' -> global(PickleUtils.readline(input), PickleUtils.readline(input));
            case 'X' -> stack.add(string());
            case '}' -> stack.add(new LinkedHashMap<>());
            case 'u' -> setItems(stack.pop_all_since_marker());
            // The state that a dictionary or parameter carries beside its content.
            case 'b' -> stack.pop();
            default -> {
                if (PLAIN_OPCODES.indexOf(opcode) < 0) {
                    throw new PickleException("opcode " + opcode + " has no place in a state dict");
                }
                return super.dispatch(opcode);
            }
        }
        return NO_RETURN_VALUE;
    }

    private void global(String module, String name) {
        ElementType type = module.equals("torch") ? STORAGES.get(name) : null;
        IObjectConstructor constructor = CONSTRUCTORS.get(module + "." + name);
        if (type == null && constructor == null) {
            throw new PickleException("it asks for " + module + "." + name + "; only a state dict is read");
        }
        stack.add(type == null ? constructor : type);
    }

    /** Keeps the file's order, which the superclass would lose. */
    @SuppressWarnings("unchecked")
    private void setItems(List<Object> items) {
        Map<Object, Object> target = (Map<Object, Object>) stack.peek();
        for (int i = 0; i < items.size(); i += 2) {
            target.put(items.get(i), items.get(i + 1));
        }
    }

    private String string() throws IOException {
        int length = PickleUtils.bytes_to_integer(PickleUtils.readbytes(input, Integer.BYTES));
        if (length < 0 || length > MAX_STRING_BYTES) {
            throw new PickleException("a string of " + length + " bytes");
        }
        return new String(PickleUtils.readbytes(input, length), StandardCharsets.UTF_8);
    }

    /** Turns {@code ("storage", type, key, device, count)} into a storage. */
    @Override
    protected Object persistentLoad(Object id) {
        Object[] parts = (Object[]) id;
        if (parts.length < 5 || !"storage".equals(parts[0])) {
            throw new PickleException("an unknown kind of reference");
        }
        return new Storage((ElementType) parts[1], (String) parts[2], ((Number) parts[4]).longValue());
    }
}
