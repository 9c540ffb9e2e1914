package io.github.finetide.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The header of a safetensors file, believed only where the file's size bears it out: tensors in
 * bounds, without overlap or gap, each as long as its shape says.
 *
 * @param dataStart where in the file the tensors' bytes begin
 * @param entries in the order of their bytes
 *
 * <p>See RATIONALE.md, Why may a safetensors file have no gaps?
 */
record SafeTensorsHeader(long dataStart, List<Entry> entries) {
    /** Larger ones would be read into memory for nothing; ResNet152's has 0.1 MB. */
    static final int MAX_HEADER_BYTES = 100_000_000;

    /** No tensor of a network has more; the format sets no limit. */
    private static final int MAX_DIMENSIONS = 8;

    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** One tensor; start and end count from the header's end. */
    record Entry(String name, ElementType type, List<Long> dimensions, long start, long end) {
        long[] shape() {
            return dimensions.stream().mapToLong(Long::longValue).toArray();
        }
    }

    static SafeTensorsHeader read(String shown, FileChannel channel) throws IOException {
        try {
            return read(channel);
        } catch (BadHeaderException bad) {
            throw new FaultException(ErrorKind.INVALID, shown + " is not a safetensors file: " + bad.getMessage(), bad);
        }
    }

    private static SafeTensorsHeader read(FileChannel channel) throws IOException, BadHeaderException {
        long size = channel.size();
        check(size >= Long.BYTES, "it has only " + size + " bytes");
        long length = bytes(channel, 0, Long.BYTES).getLong();
        check(length > 0 && length <= MAX_HEADER_BYTES, "its header would have " + length + " bytes");
        check(length <= size - Long.BYTES, "its header of " + length + " bytes is cut off");
        byte[] json = bytes(channel, Long.BYTES, (int) length).array();
        List<Entry> entries = entries(json);
        entries.sort(Comparator.comparingLong(Entry::start).thenComparingLong(Entry::end));
        long dataStart = Long.BYTES + length;
        checkCoverage(entries, size - dataStart);
        return new SafeTensorsHeader(dataStart, entries);
    }

    private static ByteBuffer bytes(FileChannel channel, long position, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining() && channel.read(bytes, position + bytes.position()) >= 0) {}
        return bytes.flip();
    }

    private static List<Entry> entries(byte[] json) throws BadHeaderException {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JsonProcessingException bad) {
            throw new BadHeaderException("its header is not JSON: " + bad.getOriginalMessage());
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        check(root.isObject(), "its header is not a JSON object");
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : root.properties()) {
            if (!field.getKey().equals("__metadata__")) {
                entries.add(entry(field.getKey(), field.getValue()));
            }
        }
        return entries;
    }

    private static Entry entry(String name, JsonNode node) throws BadHeaderException {
        List<Long> dimensions = numbers(name, node.path("shape"));
        List<Long> offsets = numbers(name, node.path("data_offsets"));
        check(offsets.size() == 2, name + ": data_offsets must be two numbers");
        check(dimensions.size() <= MAX_DIMENSIONS, name + ": more than " + MAX_DIMENSIONS + " dimensions");
        ElementType type = type(name, node.path("dtype").asText());
        long start = offsets.get(0);
        long end = offsets.get(1);
        check(start <= end, name + ": data_offsets run backwards");
        check(end - start <= TensorData.MAX_BYTES, name + ": larger than " + TensorData.MAX_BYTES + " bytes");
        Entry entry = new Entry(name, type, dimensions, start, end);
        check(sizeOf(entry) == end - start, name + ": data_offsets do not fit its shape");
        return entry;
    }

    /** Returns the size that shape and type ask for, or -1 where that is beyond a long. */
    private static long sizeOf(Entry entry) {
        try {
            return Math.multiplyExact(
                    TensorData.count(entry.shape()), (long) entry.type().bytes());
        } catch (ArithmeticException overflow) {
            return -1;
        }
    }

    private static List<Long> numbers(String name, JsonNode node) throws BadHeaderException {
        check(node.isArray(), name + ": shape and data_offsets must be lists");
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : node) {
            check(
                    number.isIntegralNumber() && number.canConvertToLong() && number.longValue() >= 0,
                    name + ": " + number + " is not a size");
            numbers.add(number.longValue());
        }
        return numbers;
    }

    private static ElementType type(String name, String dtype) throws BadHeaderException {
        return Arrays.stream(ElementType.values())
                .filter(type -> type.name().equals(dtype))
                .findFirst()
                .orElseThrow(() -> new BadHeaderException(name + ": dtype " + dtype + " is not known"));
    }

    private static void checkCoverage(List<Entry> entries, long dataSize) throws BadHeaderException {
        long expected = 0;
        for (Entry entry : entries) {
            check(
                    entry.start() == expected,
                    entry.name() + ": starts at byte " + entry.start() + " of the data, not at " + expected);
            expected = entry.end();
        }
        check(expected == dataSize, "its tensors take " + expected + " bytes, the file has " + dataSize);
    }

    private static void check(boolean holds, String otherwise) throws BadHeaderException {
        if (!holds) {
            throw new BadHeaderException(otherwise);
        }
    }

    /** Says what is wrong with the header; the caller adds which file. */
    private static final class BadHeaderException extends Exception {
        private static final long serialVersionUID = 1L;

        BadHeaderException(String message) {
            super(message);
        }
    }
}
