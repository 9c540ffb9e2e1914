package io.github.finetide.deploy.onnx;

import java.util.List;
import java.util.function.Supplier;

/** A GraphProto under construction. Field numbers and enums are those of onnx.proto3. */
final class OnnxGraph {
    /** TensorProto.DataType. */
    enum Type {
        FLOAT(1),
        UINT8(2),
        INT8(3),
        INT32(6);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    /** AttributeProto.AttributeType. */
    private static final int INT = 2;

    private static final int INTS = 7;

    private final ProtoMessage graph = new ProtoMessage();

    OnnxGraph(String name) {
        graph.text(2, name);
    }

    /** Adds an operator, to be called in the order of computation; returns its output's name, which is the operator's too. */
    String node(String operator, String output, List<String> inputs, ProtoMessage... attributes) {
        ProtoMessage node = new ProtoMessage();
        inputs.forEach(input -> node.text(1, input));
        node.text(2, output).text(3, output).text(4, operator);
        for (ProtoMessage attribute : attributes) {
            node.message(5, attribute);
        }
        graph.message(1, node);
        return output;
    }

    static ProtoMessage attribute(String name, long value) {
        return new ProtoMessage().text(1, name).number(3, value).number(20, INT);
    }

    static ProtoMessage attribute(String name, long[] values) {
        ProtoMessage attribute = new ProtoMessage().text(1, name);
        for (long value : values) {
            attribute.number(8, value);
        }
        return attribute.number(20, INTS);
    }

    /**
     * Adds a constant; returns its name.
     *
     * @param values little-endian, row-major; made when the file is written
     */
    String constant(String name, Type type, long[] shape, long length, Supplier<byte[]> values) {
        ProtoMessage tensor = new ProtoMessage();
        for (long dimension : shape) {
            tensor.number(1, dimension);
        }
        graph.message(5, tensor.number(2, type.number()).text(8, name).bytes(9, length, values));
        return name;
    }

    /** @param shape after the batch's dimension */
    String input(String name, Type type, long... shape) {
        graph.message(11, value(name, type, shape));
        return name;
    }

    /** @param shape after the batch's dimension */
    void output(String name, Type type, long... shape) {
        graph.message(12, value(name, type, shape));
    }

    private static ProtoMessage value(String name, Type type, long... shape) {
        ProtoMessage dimensions = new ProtoMessage().message(1, new ProtoMessage().text(2, "batch"));
        for (long dimension : shape) {
            dimensions.message(1, new ProtoMessage().number(1, dimension));
        }
        ProtoMessage tensor = new ProtoMessage().number(1, type.number()).message(2, dimensions);
        return new ProtoMessage().text(1, name).message(2, new ProtoMessage().message(1, tensor));
    }

    ProtoMessage toProto() {
        return graph;
    }
}
