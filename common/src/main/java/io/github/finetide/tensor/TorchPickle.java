package io.github.finetide.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Unpickles what {@code torch.load(weights_only=True)} takes: dictionaries, names, numbers and tensors. Anything
 * else stays an {@link Opaque}: passed over beside a state dict, refused within one.
 */
final class TorchPickle extends Unpickler {
    private static final Map<String, ElementType> TYPES = Map.of(
            "Double", ElementType.F64,
            "Float", ElementType.F32,
            "Half", ElementType.F16,
            "BFloat16", ElementType.BF16,
            "Long", ElementType.I64,
            "Int", ElementType.I32,
            "Short", ElementType.I16,
            "Char", ElementType.I8,
            "Byte", ElementType.U8,
            "Bool", ElementType.BOOL);

    private static final Map<String, String> DTYPES = Map.of(
            "torch.float64", "Double",
            "torch.float32", "Float",
            "torch.float16", "Half",
            "torch.bfloat16", "BFloat16",
            "torch.int64", "Long",
            "torch.int32", "Int",
            "torch.int16", "Short",
            "torch.int8", "Char",
            "torch.uint8", "Byte",
            "torch.bool", "Bool");

    /** By key: the first word on a storage counts, as in PyTorch. */
    private final Map<Object, Storage> storages;

    /**
     * Where tensors' elements are.
     *
     * @param root key within the file
     * @param offset in elements within the root: not 0 for a view of a storage
     * @param count elements from there
     */
    record Storage(ElementType type, Object root, long offset, long count) {}

    /** A view of a storage; offset and strides count elements. */
    record Strided(Storage storage, long offset, List<Long> shape, List<Long> strides) {}

    /** A tensor, which legacy pickles make first and fill later. */
    static final class Tensor {
        private static final List<Long> EMPTY_SHAPE = List.of(0L);
        private Strided view;

        Tensor(Strided view) {
            this.view = view;
        }

        static Tensor empty(ElementType type) {
            return new Tensor(new Strided(new Storage(type, "", 0, 0), 0, EMPTY_SHAPE, List.of(1L)));
        }

        Strided view() {
            return view;
        }

        private void set(Strided other) {
            if (other.storage().type() != view.storage().type()) {
                throw new PickleException("a tensor of " + view.storage().type() + " is filled with "
                        + other.storage().type());
            }
            view = other;
        }
    }

    private TorchPickle(Map<Object, Storage> storages) {
        this.storages = storages;
    }

    /** Reads one value and leaves the stream behind it. */
    static Object read(InputStream in) throws IOException {
        return read(in, new HashMap<>());
    }

    /** As {@link #read(InputStream)}, collecting the storages by key. */
    static Object read(InputStream in, Map<Object, Storage> storages) throws IOException {
        return new TorchPickle(storages).load(in);
    }

    @Override
    Object call(Object callable, Object... arguments) {
        if (callable instanceof Opaque) {
            return callable;
        }
        if (!(callable instanceof Global function)) {
            throw new PickleException("it calls something that is no function");
        }
        String name = function.name();
        return switch (name) {
            case "collections.OrderedDict" -> ordered(arguments);
            case "torch.Size" -> size(arguments);
            case "torch._utils._rebuild_tensor" -> tensor(checked(name, 4, 4, arguments));
            case "torch._utils._rebuild_tensor_v2" -> tensor2(checked(name, 6, 7, arguments));
            case "torch._utils._rebuild_tensor_v3" -> tensor3(checked(name, 7, 8, arguments));
            case "torch._utils._rebuild_parameter" -> parameter(checked(name, 3, 3, arguments));
            case "torch._utils._rebuild_parameter_with_state" -> parameter(checked(name, 4, 4, arguments));
            case "torch.nn.parameter.Parameter" -> newParameter(checked(name, 0, 2, arguments));
            case "torch._tensor._rebuild_from_type_v2" -> ofType(checked(name, 4, 4, arguments));
            default -> other(name, arguments);
        };
    }

    private static Object[] checked(String name, int least, int most, Object... arguments) {
        if (arguments.length < least || arguments.length > most) {
            throw new PickleException(name + " has " + arguments.length + " arguments");
        }
        return arguments;
    }

    private static Object ordered(Object... arguments) {
        Map<Object, Object> map = new LinkedHashMap<>();
        if (checked("collections.OrderedDict", 0, 1, arguments).length == 0) {
            return map;
        }
        if (arguments[0] instanceof Map<?, ?> entries) {
            map.putAll(entries);
            return map;
        }
        for (Object item : items(arguments[0])) {
            List<?> pair = items(item);
            if (pair.size() != 2) {
                throw new PickleException("an OrderedDict of something else than pairs");
            }
            map.put(pair.get(0), pair.get(1));
        }
        return map;
    }

    private static Object size(Object... arguments) {
        return arguments.length == 0
                ? arguments
                : items(checked("torch.Size", 1, 1, arguments)[0]).toArray();
    }

    private static List<?> items(Object value) {
        if (value instanceof Object[] tuple) {
            return Arrays.asList(tuple);
        }
        if (value instanceof List<?> list) {
            return list;
        }
        throw new PickleException("a tuple is expected");
    }

    /** {@code storage, offset, size, strides}. */
    private static Object tensor(Object... arguments) {
        if (arguments[0] instanceof Opaque unknown) {
            return unknown;
        }
        return new Tensor(strided(arguments));
    }

    private static Strided strided(Object... arguments) {
        if (!(arguments[0] instanceof Storage storage)) {
            throw new PickleException("a tensor without a storage");
        }
        return new Strided(storage, whole(arguments[1]), numbers(arguments[2]), numbers(arguments[3]));
    }

    /** ..., {@code requires_grad, backward_hooks[, metadata]}. */
    private static Object tensor2(Object... arguments) {
        checkMetadata(arguments.length > 6 ? arguments[6] : NONE);
        return checkedGradient(tensor(Arrays.copyOf(arguments, 4)), arguments[4], arguments[5]);
    }

    /** ..., {@code requires_grad, backward_hooks, dtype[, metadata]}; the storage is one of bytes. */
    private static Object tensor3(Object... arguments) {
        checkMetadata(arguments.length > 7 ? arguments[7] : NONE);
        ElementType type =
                arguments[6] instanceof Global dtype ? TYPES.get(DTYPES.getOrDefault(dtype.name(), "")) : null;
        if (type == null
                || !(arguments[0] instanceof Storage bytes)
                || bytes.type() != ElementType.U8
                || bytes.offset() != 0) {
            return new Opaque("tensor of type " + arguments[6]);
        }
        Object[] typed = Arrays.copyOf(arguments, 4);
        typed[0] = new Storage(type, bytes.root(), 0, bytes.count() / type.bytes());
        return checkedGradient(tensor(typed), arguments[4], arguments[5]);
    }

    /** Metadata may say that the numbers are to be read negated or conjugated. */
    private static void checkMetadata(Object metadata) {
        boolean none = metadata == NONE
                || (metadata instanceof Map<?, ?> flags
                        && flags.values().stream().allMatch(Boolean.FALSE::equals));
        if (!none) {
            throw new PickleException("a tensor is marked as " + metadata + "; save it resolved");
        }
    }

    private static Object checkedGradient(Object made, Object requiresGradient, Object hooks) {
        if (!(requiresGradient instanceof Boolean) || !(hooks == NONE || hooks instanceof Map<?, ?>)) {
            throw new PickleException("a tensor's requires_grad is no boolean, or its hooks no dictionary");
        }
        if (made instanceof Tensor tensor
                && requiresGradient.equals(true)
                && !tensor.view().storage().type().isFloating()) {
            throw new PickleException("a tensor of integers is said to require a gradient");
        }
        return made;
    }

    /** {@code data, requires_grad, backward_hooks[, state]}; the state holds attributes of Python's object. */
    private static Object parameter(Object... arguments) {
        return checkedGradient(data(arguments[0]), arguments[1], arguments[2]);
    }

    private static Object newParameter(Object... arguments) {
        Object data =
                arguments.length == 0 || arguments[0] == NONE ? Tensor.empty(ElementType.F32) : data(arguments[0]);
        return checkedGradient(data, arguments.length < 2 ? true : arguments[1], NONE);
    }

    private static Object data(Object value) {
        if (value instanceof Opaque) {
            return value;
        }
        if (value instanceof Tensor tensor) {
            return new Tensor(tensor.view());
        }
        throw new PickleException("a parameter of something that is no tensor");
    }

    /** {@code function, type, arguments, state}. */
    private Object ofType(Object... arguments) {
        boolean plain = arguments[1] instanceof Global type
                && (type.name().equals("torch.Tensor") || type.name().equals("torch.nn.parameter.Parameter"));
        return plain ? call(arguments[0], tuple(arguments[2])) : new Opaque("tensor of type " + arguments[1]);
    }

    private static Object other(String name, Object... arguments) {
        ElementType type = tensorType(name);
        if (type != null && arguments.length == 0) {
            return Tensor.empty(type);
        }
        boolean rebuilt = name.endsWith("._reconstructor") && arguments.length > 0;
        return new Opaque(rebuilt && arguments[0] instanceof Global type2 ? type2.name() : name);
    }

    private static @Nullable ElementType tensorType(String name) {
        return name.equals("torch.Tensor") ? ElementType.F32 : type(name, "Tensor");
    }

    private static @Nullable ElementType type(String name, String suffix) {
        String plain = name.startsWith("torch.cuda.")
                ? name.substring("torch.cuda.".length())
                : name.replaceFirst("^torch\\.", "");
        return plain.endsWith(suffix) ? TYPES.get(plain.substring(0, plain.length() - suffix.length())) : null;
    }

    /** Tensors take their place in a storage, dictionaries attributes that are not content. */
    @Override
    void build(Object target, Object state) {
        if (target instanceof Tensor tensor) {
            fill(tensor, items(state).toArray());
        } else if (!(target instanceof Opaque) && !(target instanceof Map<?, ?> && state instanceof Map<?, ?>)) {
            throw new PickleException("it sets the state of something that has none");
        }
    }

    /** A tensor's four arguments, a variable's five, or three flags: {@code Tensor.__setstate__}. */
    private static void fill(Tensor tensor, Object... state) {
        switch (state.length) {
            case 3 -> checkedGradient(tensor, state[0], state[2]);
            case 4 -> tensor.set(strided(state));
            case 5 -> {
                if (!(data(state[0]) instanceof Tensor filled)) {
                    throw new PickleException("a parameter of something that is no tensor");
                }
                tensor.view = filled.view();
                checkedGradient(tensor, state[3], state[2]);
            }
            default -> throw new PickleException("a tensor's state has " + state.length + " parts");
        }
    }

    private static List<Long> numbers(Object sizes) {
        return items(sizes).stream().map(TorchPickle::whole).toList();
    }

    private static long whole(Object number) {
        if (number instanceof Long value) {
            return value;
        }
        throw new PickleException("a tensor's offset or shape is no number");
    }

    /** Turns {@code ("storage", type, key, device, count[, view])} into a storage. */
    @Override
    Object persistent(Object id) {
        Object[] parts = items(id).toArray();
        if (parts.length == 4 && "module".equals(parts[0])) {
            return parts[1];
        }
        if (parts.length < 5 || parts.length > 6 || !"storage".equals(parts[0])) {
            throw new PickleException("an unknown kind of reference");
        }
        String name = parts[1] instanceof Global type ? type.name() : String.valueOf(parts[1]);
        ElementType type = name.endsWith(".UntypedStorage") ? ElementType.U8 : type(name, "Storage");
        if (type == null) {
            return new Opaque("tensor in a " + name);
        }
        if ("meta".equals(parts[3])) {
            return new Opaque("tensor without values (on the device meta)");
        }
        Storage root = new Storage(type, parts[2], 0, whole(parts[4]));
        Storage first = storages.putIfAbsent(parts[2], root);
        Object view = parts.length == 6 ? parts[5] : NONE;
        return view == NONE
                ? (first == null ? root : first)
                : view(first == null ? root : first, items(view).toArray());
    }

    /** {@code key, offset, count}, in elements of the storage. */
    private Storage view(Storage root, Object... view) {
        checked("a view of a storage", 3, 3, view);
        long offset = whole(view[1]);
        long count = whole(view[2]);
        if (offset < 0 || count < 0 || offset > root.count() - count) {
            throw new PickleException("a view leaves its storage");
        }
        return storages.computeIfAbsent(
                view[0], key -> new Storage(root.type(), root.root(), root.offset() + offset, count));
    }
}
