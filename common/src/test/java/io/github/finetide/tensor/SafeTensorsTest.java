package io.github.finetide.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.FaultException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SafeTensorsTest {
    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        StateDict dict = StateDict.of(List.of(
                TensorData.of("b", new long[] {2, 3}, 1, 2, 3, 4, 5, 6),
                TensorData.of("a", new long[0], 7),
                TensorData.of("empty", new long[] {0, 4}),
                new TensorData("bytes", ElementType.U8, new long[] {3}, ByteBuffer.wrap(new byte[] {1, 2, 3}))));
        Path file = folder.resolve("x.safetensors");
        SafeTensors.write(file, dict);
        StateDict read = SafeTensors.read(file);
        assertThat(read.names()).containsExactly("b", "a", "empty", "bytes");
        assertThat(read.differingFrom(dict).names()).isEmpty();
    }

    @Test
    void equalDictionariesGiveEqualBytes() throws IOException {
        StateDict dict = StateDict.of(List.of(TensorData.of("w", new long[] {2}, 0.5f, -0f)));
        SafeTensors.write(folder.resolve("1"), dict);
        SafeTensors.write(folder.resolve("2"), SafeTensors.read(folder.resolve("1")));
        assertThat(folder.resolve("1")).hasSameBinaryContentAs(folder.resolve("2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|its header is not a JSON object",
                "{|its header is not JSON",
                "{} {}|its header is not JSON",
                "{'a':1}|a: shape and data_offsets must be lists",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]},'a':{}}|its header is not JSON",
                "{'a':{'dtype':'F33','shape':[1],'data_offsets':[0,8]}}|a: dtype F33 is not known",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,8]}}|a: data_offsets do not fit its shape",
                "{'a':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|a: -2 is not a size",
                "{'a':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}}|a: 2.5 is not a size",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|a: data_offsets run backwards",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0]}}|a: data_offsets must be two numbers",
                "{'a':{'dtype':'F32','shape':[2],'data_offsets':[4,12]}}|a: starts at byte 4 of the data, not at 0",
                "{'a':{'dtype':'F32','shape':[1],'data_offsets':[0,4]}}|its tensors take 4 bytes, the file has 8",
                "{'a':{'dtype':'F32','shape':[3],'data_offsets':[0,12]}}|its tensors take 12 bytes, the file has 8",
                "{'a':{'dtype':'U8','shape':[4294967296,4294967296],'data_offsets':[0,0]}}|data_offsets do not fit",
            })
    void aHeaderTheFileDoesNotBearOutIsRefused(String header, String why) throws IOException {
        Path file = folder.resolve("bad.safetensors");
        byte[] json = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        Files.write(file, file(json.length, json));
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(FaultException.class)
                .hasMessageStartingWith("bad.safetensors is not a safetensors file: ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "9223372036854775807", "100000001", "1000"})
    void aHeaderOfImpossibleLengthIsRefused(long length) throws IOException {
        Path file = folder.resolve("bad.safetensors");
        Files.write(file, file(length, new byte[2]));
        assertThatThrownBy(() -> SafeTensors.read(file))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("its header");
    }

    private static byte[] file(long length, byte... header) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(length)
                .array());
        out.writeBytes(header);
        out.writeBytes(new byte[8]);
        return out.toByteArray();
    }
}
