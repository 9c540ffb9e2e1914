package io.github.finetide.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a pickle of protocol 0 to 5 without Python: dictionaries become {@code LinkedHashMap}, lists
 * {@code ArrayList}, tuples {@code Object[]}, integers {@code Long} or {@code BigInteger}, bytes and sets
 * {@link Opaque}. No class is loaded and nothing called: what a pickle asks for is a {@link Global}, and
 * what becomes of it is the subclass's to say.
 *
 * <p>See RATIONALE.md, Why an unpickler of its own?
 */
abstract class Unpickler {
    /** A training checkpoint of ResNet152 takes some 50,000. */
    private static final int MAX_OPERATIONS = 4_000_000;

    /** Python's None. */
    static final Object NONE = new Opaque("None");

    private final Map<Long, Object> memo = new HashMap<>();
    private final Deque<List<Object>> outer = new ArrayDeque<>();
    private List<Object> stack = new ArrayList<>();

    /** A class or function by its full name. */
    record Global(String name) {}

    /** Something that was not built; its type, or what it is in words. */
    record Opaque(String what) {}

    /** Calls a function or makes an object. */
    abstract Object call(Object callable, Object... arguments);

    /** Sets an object's state and returns what stands for it. */
    abstract void build(Object target, Object state);

    /** Finds something outside the pickle. */
    abstract Object persistent(Object id);

    /** Reads one value and leaves the stream behind it. */
    final Object load(InputStream stream) throws IOException {
        PickleInput in = new PickleInput(stream);
        for (int i = 0; i < MAX_OPERATIONS; i++) {
            int opcode = in.unsigned8();
            if (opcode == '.') {
                return pop();
            }
            if (!constant(opcode, in) && !number(opcode, in) && !text(opcode, in) && !memo(opcode, in)) {
                structure(opcode, in);
            }
        }
        throw new PickleException("it has more than " + MAX_OPERATIONS + " operations");
    }

    private boolean constant(int opcode, PickleInput in) throws IOException {
        switch (opcode) {
            case 'N' -> push(NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case ')' -> push(new Object[0]);
            case ']' -> push(new ArrayList<>());
            case '}' -> push(new LinkedHashMap<>());
            case 0x8F -> push(new Opaque("set"));
            case 0x80 -> in.bytes(1); // protocol
            case 0x95 -> in.bytes(Long.BYTES); // frame
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean number(int opcode, PickleInput in) throws IOException {
        switch (opcode) {
            case 'J' -> push(in.signed32());
            case 'K' -> push((long) in.unsigned8());
            case 'M' -> push(in.unsigned16());
            case 'G' -> push(in.float64());
            case 'F' -> push(Double.valueOf(in.line()));
            case 'I' -> push(integerLine(in.line()));
            case 'L' -> push(PickleInput.small(new BigInteger(in.line().replace("L", ""))));
            case 0x8A -> push(in.integer(in.unsigned8()));
            case 0x8B -> push(in.integer(in.unsigned32()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Object integerLine(String line) {
        return switch (line) {
            case "00" -> false;
            case "01" -> true;
            default -> PickleInput.small(new BigInteger(line));
        };
    }

    private boolean text(int opcode, PickleInput in) throws IOException {
        switch (opcode) {
            case 'X', 'T' -> push(in.text(in.unsigned32()));
            case 0x8C, 'U' -> push(in.text(in.unsigned8()));
            case 0x8D -> push(in.text(in.signed64()));
            case 'V' -> push(in.line());
            case 'S' -> push(quoted(in.line()));
            case 'B' -> push(skipped(in, in.unsigned32()));
            case 'C' -> push(skipped(in, in.unsigned8()));
            case 0x8E, 0x96 -> push(skipped(in, in.signed64()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private static Object quoted(String line) {
        boolean plain = line.length() > 1 && line.indexOf('\\') < 0;
        return plain ? line.substring(1, line.length() - 1) : new Opaque("string with escapes");
    }

    private static Opaque skipped(PickleInput in, long length) throws IOException {
        in.bytes(length);
        return new Opaque("bytes");
    }

    private boolean memo(int opcode, PickleInput in) throws IOException {
        switch (opcode) {
            case 'q' -> memo.put((long) in.unsigned8(), peek());
            case 'r' -> memo.put(in.unsigned32(), peek());
            case 'p' -> memo.put(Long.valueOf(in.line()), peek());
            case 0x94 -> memo.put((long) memo.size(), peek());
            case 'h' -> push(remembered(in.unsigned8()));
            case 'j' -> push(remembered(in.unsigned32()));
            case 'g' -> push(remembered(Long.parseLong(in.line())));
            default -> {
                return false;
            }
        }
        return true;
    }

    private Object remembered(long index) {
        Object value = memo.get(index);
        if (value == null) {
            throw new PickleException("it refers to a value that it does not hold");
        }
        return value;
    }

    private void structure(int opcode, PickleInput in) throws IOException {
        switch (opcode) {
            case '(' -> mark();
            case 't' -> push(marked().toArray());
            case 0x85, 0x86, 0x87 -> push(popped(opcode - 0x84));
            case 'l' -> push(new ArrayList<>(marked()));
            case 'd' -> {
                List<Object> items = marked();
                push(new LinkedHashMap<>());
                change(items, this::setItems);
            }
            case 'u' -> change(marked(), this::setItems);
            case 's' -> change(List.of(popped(2)), this::setItems);
            case 'e', 0x90 -> change(marked(), this::append);
            case 'a' -> change(List.of(popped(1)), this::append);
            case '0' -> pop();
            case '1' -> marked();
            case '2' -> push(peek());
            default -> objects(opcode, in);
        }
    }

    private void objects(int opcode, PickleInput in) throws IOException {
        switch (opcode) {
            case 'c' -> push(new Global(in.line() + "." + in.line()));
            case 0x93 -> {
                Object[] names = popped(2);
                push(new Global(names[0] + "." + names[1]));
            }
            case 'R', 0x81 -> {
                Object[] called = popped(2);
                push(call(called[0], tuple(called[1])));
            }
            case 0x92 -> {
                Object[] called = popped(3);
                push(call(called[0], tuple(called[1])));
            }
            case 'o' -> {
                List<Object> parts = marked();
                push(call(parts.get(0), parts.subList(1, parts.size()).toArray()));
            }
            case 'i' -> push(call(new Global(in.line() + "." + in.line()), marked().toArray()));
            case 0x91 -> {
                marked();
                push(new Opaque("frozenset"));
            }
            case 'b' -> {
                Object state = pop();
                build(peek(), state);
            }
            case 'Q' -> push(persistent(pop()));
            default -> throw new PickleException("opcode " + opcode + " has no place in a state dict");
        }
    }

    static Object[] tuple(Object value) {
        if (value instanceof Object[] items) {
            return items;
        }
        throw new PickleException("a call's arguments are no tuple");
    }

    /** Changes the value on top of the stack by items. */
    private interface Change {
        void apply(Object target, List<Object> items);
    }

    private void change(List<Object> items, Change change) {
        Object target = pop();
        change.apply(target, items);
        push(target);
    }

    @SuppressWarnings("unchecked")
    private void setItems(Object target, List<Object> items) {
        if (target instanceof Map<?, ?> && items.size() % 2 == 0) {
            Map<Object, Object> entries = (Map<Object, Object>) target;
            for (int i = 0; i < items.size(); i += 2) {
                entries.put(items.get(i), items.get(i + 1));
            }
        } else if (!(target instanceof Opaque)) {
            throw new PickleException("it sets items of something that is no dictionary");
        }
    }

    @SuppressWarnings("unchecked")
    private void append(Object target, List<Object> items) {
        if (target instanceof List<?>) {
            ((List<Object>) target).addAll(items);
        } else if (!(target instanceof Opaque)) {
            throw new PickleException("it appends to something that is no list");
        }
    }

    private void mark() {
        outer.push(stack);
        stack = new ArrayList<>();
    }

    private List<Object> marked() {
        List<Object> items = stack;
        if (outer.isEmpty()) {
            throw new PickleException("a mark is missing");
        }
        stack = outer.pop();
        return items;
    }

    private Object[] popped(int count) {
        Object[] values = new Object[count];
        for (int i = count - 1; i >= 0; i--) {
            values[i] = pop();
        }
        return values;
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object pop() {
        Object top = peek();
        stack.remove(stack.size() - 1);
        return top;
    }

    private Object peek() {
        if (stack.isEmpty()) {
            throw new PickleException("a value is missing");
        }
        return stack.get(stack.size() - 1);
    }
}
