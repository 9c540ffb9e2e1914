package io.github.finetide.tensor;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.razorvine.pickle.PickleException;

/**
 * Reads state dicts that {@code torch.save} wrote (torchvision's {@code .pth}): the zip of PyTorch 1.6
 * and later, and the stream of pickles before it.
 */
public final class TorchFile {
    /** ResNet152's is 0.1 MB. */
    private static final int MAX_PICKLE_BYTES = 16_000_000;

    /** First value in a stream of pickles: PyTorch's {@code MAGIC_NUMBER}, as a LONG1. */
    private static final byte[] STREAM_MAGIC = {
        (byte) 0x80,
        2,
        (byte) 0x8A,
        10,
        0x6C,
        (byte) 0xFC,
        (byte) 0x9C,
        0x46,
        (byte) 0xF9,
        0x20,
        0x6A,
        (byte) 0xA8,
        0x50,
        0x19,
        '.'
    };

    private TorchFile() {}

    /**
     * Reads a file into memory.
     *
     * @throws FaultException INVALID if it is not such a file or holds anything but tensors by name
     */
    public static StateDict read(Path file) throws IOException {
        byte[] start = start(file);
        try {
            if (start[0] == 'P' && start[1] == 'K') {
                return readZip(file);
            }
            if (Arrays.equals(start, STREAM_MAGIC)) {
                return readStream(file);
            }
            throw new PickleException("neither a zip nor a stream of pickles (the tar format of PyTorch before 0.1.10"
                    + " must be saved again)");
        } catch (IOException | RuntimeException | StackOverflowError malformed) {
            throw fault(file, malformed);
        }
    }

    private static FaultException fault(Path file, Throwable cause) {
        return new FaultException(
                ErrorKind.INVALID, file.getFileName() + " is no PyTorch state dict: " + cause.getMessage(), cause);
    }

    private static byte[] start(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.copyOf(in.readNBytes(STREAM_MAGIC.length), STREAM_MAGIC.length);
        }
    }

    private static StateDict readZip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry pickle = zip.stream()
                    .filter(entry -> entry.getName().endsWith("/data.pkl"))
                    .findFirst()
                    .orElseThrow(() -> new PickleException("no data.pkl inside"));
            String folder = pickle.getName().substring(0, pickle.getName().length() - "data.pkl".length());
            checkByteOrder(zip, folder);
            byte[] content = content(zip, pickle, MAX_PICKLE_BYTES);
            Map<String, ByteBuffer> storages = storages(zip, folder + "data/");
            return new TorchTensors(storages).dict(TorchPickle.read(new ByteArrayInputStream(content)));
        }
    }

    private static void checkByteOrder(ZipFile zip, String folder) throws IOException {
        ZipEntry entry = zip.getEntry(folder + "byteorder");
        if (entry != null && !new String(content(zip, entry, 16), StandardCharsets.US_ASCII).equals("little")) {
            throw new PickleException("its numbers are big-endian");
        }
    }

    private static Map<String, ByteBuffer> storages(ZipFile zip, String folder) throws IOException {
        Map<String, ByteBuffer> storages = new HashMap<>();
        for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(ZipEntry.class::cast)::iterator) {
            if (entry.getName().startsWith(folder)) {
                byte[] content = content(zip, entry, TensorData.MAX_BYTES - 8);
                storages.put(entry.getName().substring(folder.length()), ByteBuffer.wrap(content));
            }
        }
        return storages;
    }

    /** Reads an entry, which PyTorch never compresses: its size is its share of the file. */
    private static byte[] content(ZipFile zip, ZipEntry entry, long limit) throws IOException {
        if (entry.getMethod() != ZipEntry.STORED || entry.getSize() > limit) {
            throw new PickleException(entry.getName() + " is compressed or larger than " + limit + " bytes");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readNBytes((int) entry.getSize());
        }
    }

    /** Reads magic number, version, machine, state dict, list of storage keys, then the storages. */
    private static StateDict readStream(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            TorchPickle.read(in);
            TorchPickle.read(in);
            if (TorchPickle.read(in) instanceof Map<?, ?> machine
                    && Boolean.FALSE.equals(machine.get("little_endian"))) {
                throw new PickleException("its numbers are big-endian");
            }
            Object dict = TorchPickle.read(in);
            List<?> keys = (List<?>) TorchPickle.read(in);
            Map<String, Long> sizes = sizes(dict);
            Map<String, ByteBuffer> storages = new LinkedHashMap<>();
            for (Object key : keys) {
                storages.put((String) key, storage(in, (String) key, sizes.getOrDefault((String) key, 0L), file));
            }
            return new TorchTensors(storages).dict(dict);
        }
    }

    /** Returns how wide the elements of each storage are; the stream itself only counts them. */
    private static Map<String, Long> sizes(Object dict) {
        Map<String, Long> widths = new HashMap<>();
        if (dict instanceof Map<?, ?> entries) {
            for (Object entry : entries.values()) {
                if (entry instanceof TorchPickle.Strided view) {
                    widths.put(
                            view.storage().key(), (long) view.storage().type().bytes());
                }
            }
        }
        return widths;
    }

    private static ByteBuffer storage(InputStream in, String key, long width, Path file) throws IOException {
        long count = ByteBuffer.wrap(in.readNBytes(Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        long size = Math.multiplyExact(count, width);
        if (count < 0 || size > Math.min(Files.size(file), TensorData.MAX_BYTES - 8)) {
            throw new PickleException("storage " + key + " would have " + size + " bytes");
        }
        return ByteBuffer.wrap(in.readNBytes((int) size));
    }
}
