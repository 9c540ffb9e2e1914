package io.github.finetide.tensor;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * Reads state dicts that {@code torch.save} wrote (torchvision's {@code .pth}): the zip of PyTorch 1.6
 * and later, and the stream of pickles before it.
 */
public final class TorchFile {
    private static final String PICKLE = "data.pkl";

    /** First values in a stream of pickles: PyTorch's {@code MAGIC_NUMBER} and {@code PROTOCOL_VERSION}. */
    private static final BigInteger STREAM_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

    private static final long STREAM_VERSION = 1001;

    private TorchFile() {}

    /**
     * Reads a file into memory.
     *
     * @throws FaultException INVALID if it is not such a file or holds no state dict, or more than one
     */
    public static StateDict read(Path file) throws IOException {
        return read(file, String.valueOf(file.getFileName()), names -> true).dict();
    }

    /**
     * As {@link #read(Path)}.
     *
     * @param shown what messages call the file
     * @param wanted decides by its names which of several state dicts is meant
     */
    public static ReadWeights read(Path file, String shown, Predicate<Set<String>> wanted) throws IOException {
        try {
            return isZip(file) ? readZip(file, wanted) : readStream(file, wanted);
        } catch (IOException | RuntimeException | StackOverflowError malformed) {
            throw new FaultException(
                    ErrorKind.INVALID, shown + " is no PyTorch state dict: " + reason(malformed), malformed);
        }
    }

    private static String reason(Throwable malformed) {
        boolean said = malformed instanceof PickleException || malformed instanceof IOException;
        return said && malformed.getMessage() != null ? malformed.getMessage() : "it is damaged: " + malformed;
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.read() == 'P' && in.read() == 'K';
        }
    }

    private static ReadWeights readZip(Path file, Predicate<Set<String>> wanted) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            ZipEntry pickle = pickle(zip);
            String folder = pickle.getName().substring(0, pickle.getName().length() - PICKLE.length());
            boolean swapped = isBigEndian(zip, folder);
            byte[] content = content(zip, pickle, PickleInput.MAX_BYTES);
            Map<Object, TorchPickle.Storage> storages = new HashMap<>();
            Object root = TorchPickle.read(new ByteArrayInputStream(content), storages);
            TorchContainer.Choice choice = TorchContainer.choose(root, wanted);
            Map<Object, ByteBuffer> bytes = new HashMap<>();
            for (TorchPickle.Storage storage : choice.storages()) {
                if (!bytes.containsKey(storage.root())) {
                    // By the storage's own type, as in PyTorch: in one of bytes nothing is swapped, whatever views it.
                    ElementType type =
                            storages.getOrDefault(storage.root(), storage).type();
                    bytes.put(storage.root(), storage(zip, folder, storage.root(), swapped ? type.bytes() : 1));
                }
            }
            return choice.read(bytes);
        }
    }

    private static ZipEntry pickle(ZipFile zip) {
        List<String> names = zip.stream().map(ZipEntry::getName).toList();
        if (names.stream().anyMatch(name -> name.endsWith("constants.pkl"))) {
            throw new PickleException("it is a TorchScript archive (of torch.jit.save); save the model's state_dict()");
        }
        return names.stream()
                .filter(name -> name.endsWith("/" + PICKLE))
                .findFirst()
                .map(zip::getEntry)
                .orElseThrow(() -> new PickleException("it is a zip archive of other things, without data.pkl: "
                        + String.join(", ", names.subList(0, Math.min(3, names.size())))));
    }

    private static boolean isBigEndian(ZipFile zip, String folder) throws IOException {
        ZipEntry entry = zip.getEntry(folder + "byteorder");
        String order = entry == null ? "little" : new String(content(zip, entry, 16), StandardCharsets.US_ASCII);
        if (!order.equals("little") && !order.equals("big")) {
            throw new PickleException("its byteorder is neither little nor big");
        }
        return order.equals("big");
    }

    /** @param swapped bytes of a number, whose order is turned round */
    private static ByteBuffer storage(ZipFile zip, String folder, Object key, int swapped) throws IOException {
        ZipEntry entry = zip.getEntry(folder + "data/" + key);
        if (entry == null) {
            throw new PickleException("its storage " + key + " is missing");
        }
        byte[] content = content(zip, entry, TensorData.MAX_BYTES - 8);
        return ByteBuffer.wrap(swapped > 1 ? swapped(content, swapped) : content);
    }

    private static byte[] swapped(byte[] content, int width) {
        byte[] little = new byte[content.length];
        for (int i = 0; i < content.length / width * width; i++) {
            int within = i % width;
            little[i] = content[i - within + width - 1 - within];
        }
        return little;
    }

    /** Reads an entry; PyTorch never compresses, but reads what others did. */
    private static byte[] content(ZipFile zip, ZipEntry entry, long limit) throws IOException {
        if (entry.getSize() < 0 || entry.getSize() > limit) {
            throw new PickleException(entry.getName() + " is larger than " + limit + " bytes");
        }
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readNBytes((int) entry.getSize());
        }
    }

    /** Reads magic number, version, machine, state dict, list of storage keys, then the storages. */
    private static ReadWeights readStream(Path file, Predicate<Set<String>> wanted) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Object magic = TorchPickle.read(in);
            if (!magic.equals(STREAM_MAGIC)) {
                throw new PickleException("it is a pickle that torch.save did not write");
            }
            if (!TorchPickle.read(in).equals(STREAM_VERSION)) {
                throw new PickleException("its version is not " + STREAM_VERSION);
            }
            TorchPickle.read(in);
            Map<Object, TorchPickle.Storage> storages = new HashMap<>();
            TorchContainer.Choice choice = TorchContainer.choose(TorchPickle.read(in, storages), wanted);
            if (!(TorchPickle.read(in) instanceof List<?> keys)) {
                throw new PickleException("it has no list of storages");
            }
            Map<Object, ByteBuffer> bytes = new HashMap<>();
            for (Object key : keys) {
                bytes.put(key, storage(in, key, storages.get(key), Files.size(file)));
            }
            return choice.read(bytes);
        }
    }

    private static ByteBuffer storage(InputStream in, Object key, TorchPickle.@Nullable Storage storage, long limit)
            throws IOException {
        long count = ByteBuffer.wrap(in.readNBytes(Long.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        if (storage == null || count != storage.count()) {
            throw new PickleException("storage " + key + " has another length than its tensors say");
        }
        long size = Math.multiplyExact(count, (long) storage.type().bytes());
        if (count < 0 || size > Math.min(limit, TensorData.MAX_BYTES - 8)) {
            throw new PickleException("storage " + key + " would have " + size + " bytes");
        }
        byte[] content = in.readNBytes((int) size);
        if (content.length < size) {
            throw new PickleException("storage " + key + " is cut off");
        }
        return ByteBuffer.wrap(content);
    }
}
