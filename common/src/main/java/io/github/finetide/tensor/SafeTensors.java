package io.github.finetide.tensor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads and writes the <a href="https://github.com/huggingface/safetensors">safetensors</a> format: the
 * length of a JSON header in 8 bytes, the header, the tensors' bytes.
 */
public final class SafeTensors {
    /** Tensors start at a multiple of this many bytes, as the format's own writer has it. */
    private static final int ALIGNMENT = 8;

    private static final ObjectMapper JSON = new ObjectMapper();

    private SafeTensors() {}

    /**
     * Maps a file; the tensors stay valid as long as they are reachable.
     *
     * @throws io.github.finetide.message.FaultException INVALID if the file is not well formed
     */
    public static StateDict read(Path file) throws IOException {
        return read(file, String.valueOf(file.getFileName()));
    }

    /** As {@link #read(Path)}; messages call the file as shown. */
    public static StateDict read(Path file, String shown) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            SafeTensorsHeader header = SafeTensorsHeader.read(shown, channel);
            List<TensorData> tensors = new ArrayList<>();
            for (SafeTensorsHeader.Entry entry : header.entries()) {
                tensors.add(map(channel, header.dataStart(), entry));
            }
            return StateDict.of(tensors);
        }
    }

    /** Maps each tensor by itself: a file may be larger than one Java buffer. */
    private static TensorData map(FileChannel channel, long dataStart, SafeTensorsHeader.Entry entry)
            throws IOException {
        long length = entry.end() - entry.start();
        ByteBuffer bytes = channel.map(MapMode.READ_ONLY, dataStart + entry.start(), length);
        return new TensorData(entry.name(), entry.type(), entry.shape(), bytes);
    }

    /** Writes a file, replacing one that exists; equal dictionaries give equal bytes. */
    public static void write(Path file, StateDict tensors) throws IOException {
        byte[] header = header(tensors);
        ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        length.putLong(header.length).flip();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.WRITE, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeAll(channel, length);
            writeAll(channel, ByteBuffer.wrap(header));
            for (TensorData tensor : tensors.tensors()) {
                writeAll(channel, tensor.bytes());
            }
        }
    }

    private static byte[] header(StateDict tensors) throws JsonProcessingException {
        ObjectNode root = JSON.createObjectNode();
        long offset = 0;
        for (TensorData tensor : tensors.tensors()) {
            long end = offset + tensor.bytes().remaining();
            ObjectNode entry = root.putObject(tensor.name());
            entry.put("dtype", tensor.type().name());
            ArrayNode shape = entry.putArray("shape");
            Arrays.stream(tensor.shape()).forEach(shape::add);
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        byte[] header = Arrays.copyOf(json, padded);
        Arrays.fill(header, json.length, padded, (byte) ' ');
        return header;
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
