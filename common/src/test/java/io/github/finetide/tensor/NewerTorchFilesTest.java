package io.github.finetide.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Forms of files that PyTorch 2 writes: their pickles are put together here, as {@code torch.serialization} makes them. */
final class NewerTorchFilesTest {
    private static final float[] VALUES = {1, -2, 0.5f, 3e38f};
    private static final String V2 = "_rebuild_tensor_v2";
    private static final String V3 = "_rebuild_tensor_v3";

    @TempDir
    Path folder;

    @Test
    void valuesOfABigEndianMachineAreSwapped() throws IOException {
        assertThat(read("big", ByteOrder.BIG_ENDIAN, V2, "FloatStorage", 4)).containsExactly(VALUES);
        assertThat(read("little", ByteOrder.LITTLE_ENDIAN, V2, "FloatStorage", 4))
                .containsExactly(VALUES);
        assertThat(read(null, ByteOrder.LITTLE_ENDIAN, V2, "FloatStorage", 4)).containsExactly(VALUES);
    }

    /** {@code big.json} is what PyTorch 2.13 reads, by {@code src/test/python/big_torch_files.py}. */
    @Test
    void aBigEndianFileIsReadAsByPyTorch() throws IOException {
        URL golden = Objects.requireNonNull(NewerTorchFilesTest.class.getResource("big.json"));
        for (JsonNode file : new ObjectMapper().readTree(golden.openStream())) {
            Path saved = folder.resolve("big.pth");
            Files.write(saved, Base64.getDecoder().decode(file.get("file").asText()));
            Map<String, String> read = new TreeMap<>();
            for (TensorData tensor : TorchFile.read(saved).tensors()) {
                byte[] bytes = new byte[tensor.bytes().remaining()];
                tensor.bytes().get(bytes);
                read.put(
                        tensor.name(),
                        tensor.type()
                                + Arrays.toString(tensor.shape())
                                + HexFormat.of().formatHex(bytes));
            }

            Map<String, String> expected = new TreeMap<>();
            for (Map.Entry<String, JsonNode> field : file.get("read").properties()) {
                expected.put(field.getKey(), field.getValue().asText());
            }
            assertThat(read).isEqualTo(expected);
        }
    }

    @Test
    void anUnknownOrderOfBytesIsRefused() {
        assertThatThrownBy(() -> read("middle", ByteOrder.BIG_ENDIAN, V2, "FloatStorage", 4))
                .hasMessageContaining("byteorder");
    }

    /** Bytes have no order: what views them sees them as they are, in PyTorch too. */
    @Test
    void aTensorOverAStorageOfBytesNamesItsOwnType() throws IOException {
        assertThat(read("little", ByteOrder.LITTLE_ENDIAN, V3, "UntypedStorage", 16))
                .containsExactly(VALUES);
        assertThat(read("big", ByteOrder.LITTLE_ENDIAN, V3, "UntypedStorage", 16))
                .containsExactly(VALUES);
    }

    private float[] read(@Nullable String byteOrder, ByteOrder order, String rebuild, String storage, int length)
            throws IOException {
        Path file = folder.resolve("model.pth");
        byte[] values = new byte[VALUES.length * Float.BYTES];
        ByteBuffer.wrap(values).order(order).asFloatBuffer().put(VALUES);
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            entry(zip, "archive/data.pkl", pickle(rebuild, storage, length));
            if (byteOrder != null) {
                entry(zip, "archive/byteorder", byteOrder.getBytes(StandardCharsets.US_ASCII));
            }
            entry(zip, "archive/data/0", values);
        }
        TensorData tensor = TorchFile.read(file).get("w");
        assertThat(tensor.shape()).containsExactly(2, 2);
        float[] found = new float[VALUES.length];
        tensor.bytes().asFloatBuffer().get(found);
        return found;
    }

    private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(content);
        zip.closeEntry();
    }

    /** {"w": rebuild(storage, 0, (2, 2), (2, 1), False, OrderedDict()[, torch.float32])} in protocol 2. */
    private static byte[] pickle(String rebuild, String storage, int length) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2, '}'});
        text(out, "w");
        ascii(out, "ctorch._utils\n" + rebuild + "\n((");
        text(out, "storage");
        ascii(out, (storage.startsWith("Untyped") ? "ctorch.storage\n" : "ctorch\n") + storage + "\n");
        text(out, "0");
        text(out, "cpu");
        out.writeBytes(new byte[] {'K', (byte) length, 't', 'Q', 'K', 0});
        out.writeBytes(new byte[] {'K', 2, 'K', 2, (byte) 0x86, 'K', 2, 'K', 1, (byte) 0x86, (byte) 0x89});
        ascii(out, "ccollections\nOrderedDict\n)R");
        if (rebuild.equals(V3)) {
            ascii(out, "ctorch\nfloat32\n");
        }
        ascii(out, "tRs.");
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String value) {
        out.writeBytes(new byte[] {'X', (byte) value.length(), 0, 0, 0});
        ascii(out, value);
    }

    private static void ascii(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }
}
