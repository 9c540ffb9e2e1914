package io.github.finetide.deploy.onnx;

import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A convolution with its bias, and with the batch norm behind it multiplied in by its running statistics.
 *
 * @param weight of a state dict, {@code [to, from, edge, edge]}, float32
 * @param scale of each output channel
 * @param bias of each output channel
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Convolution(TensorData weight, double[] scale, double[] bias) {
    /** torchvision's, of nn.BatchNorm2d. */
    private static final double EPSILON = 1e-5;

    private static final int INT8_LEVELS = 127;
    private static final double SMALLEST_STEP = 1e-12;

    /** A convolution that has a bias and no batch norm. */
    static Convolution plain(StateDict weights, String name) {
        double[] bias = numbers(weights.get(name + ".bias"));
        double[] ones = new double[bias.length];
        Arrays.fill(ones, 1);
        return new Convolution(weights.get(name + ".weight"), ones, bias);
    }

    /** scale = gamma / sqrt(variance + epsilon), bias = beta - mean * scale. */
    static Convolution folded(StateDict weights, String name, String batchNorm) {
        double[] scale = numbers(weights.get(batchNorm + ".weight"));
        double[] bias = numbers(weights.get(batchNorm + ".bias"));
        double[] mean = numbers(weights.get(batchNorm + ".running_mean"));
        double[] variance = numbers(weights.get(batchNorm + ".running_var"));
        for (int i = 0; i < scale.length; i++) {
            scale[i] /= Math.sqrt(variance[i] + EPSILON);
            bias[i] -= mean[i] * scale[i];
        }
        return new Convolution(weights.get(name + ".weight"), scale, bias);
    }

    int edge() {
        return Math.toIntExact(weight.shape()[3]);
    }

    long weightLength() {
        return weight.count() * Float.BYTES;
    }

    byte[] weightBytes() {
        FloatBuffer values = weight.bytes().asFloatBuffer();
        int perChannel = values.remaining() / scale.length;
        byte[] bytes = new byte[values.remaining() * Float.BYTES];
        ByteBuffer out = littleEndian(bytes);
        for (int channel = 0; channel < scale.length; channel++) {
            for (int i = 0; i < perChannel; i++) {
                out.putFloat((float) (values.get() * scale[channel]));
            }
        }
        return bytes;
    }

    /** The step of each output channel in int8: its largest weight is 127 of them. */
    double[] steps() {
        double[] steps = new double[scale.length];
        FloatBuffer values = weight.bytes().asFloatBuffer();
        int perChannel = values.remaining() / scale.length;
        for (int channel = 0; channel < scale.length; channel++) {
            double largest = 0;
            for (int i = 0; i < perChannel; i++) {
                largest = Math.max(largest, Math.abs(values.get() * scale[channel]));
            }
            steps[channel] = Math.max(largest / INT8_LEVELS, SMALLEST_STEP);
        }
        return steps;
    }

    /** The weights in steps, int8. */
    byte[] int8WeightBytes(double... steps) {
        FloatBuffer values = weight.bytes().asFloatBuffer();
        byte[] bytes = new byte[values.remaining()];
        int perChannel = bytes.length / scale.length;
        for (int i = 0; i < bytes.length; i++) {
            int channel = i / perChannel;
            bytes[i] = (byte) Math.rint(values.get() * scale[channel] / steps[channel]);
        }
        return bytes;
    }

    /** The bias in products of a weight's and an input's step, int32. */
    byte[] int32BiasBytes(double inputStep, double... steps) {
        byte[] bytes = new byte[bias.length * Integer.BYTES];
        ByteBuffer out = littleEndian(bytes);
        for (int channel = 0; channel < bias.length; channel++) {
            out.putInt((int) Math.rint(bias[channel] / (inputStep * steps[channel])));
        }
        return bytes;
    }

    byte[] biasBytes() {
        return floats(bias);
    }

    static byte[] floats(double... values) {
        byte[] bytes = new byte[values.length * Float.BYTES];
        ByteBuffer out = littleEndian(bytes);
        for (double value : values) {
            out.putFloat((float) value);
        }
        return bytes;
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static double[] numbers(TensorData tensor) {
        FloatBuffer values = tensor.bytes().asFloatBuffer();
        double[] numbers = new double[values.remaining()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return numbers;
    }
}
