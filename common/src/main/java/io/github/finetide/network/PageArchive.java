package io.github.finetide.network;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The archive that {@code torch::jit::load} expects around TorchScript text: a zip, stored not
 * deflated, of the text, a pickle of the one object, and a format version.
 */
final class PageArchive {
    /** Attributes of this value start as an empty {@code Dict[str, Tensor]}. */
    static final Object NO_TENSORS = new Object();

    /** Attributes of this value start as an empty {@code Dict[str, float]}. */
    static final Object NO_NUMBERS = new Object();

    /** The oldest version libtorch 2.7 reads without upgrading operators we use. */
    private static final String FORMAT_VERSION = "3\n";

    private static final byte[] NO_CONSTANTS = {(byte) 0x80, 2, ')', '.'};

    private PageArchive() {}

    /**
     * Packs a page.
     *
     * @param type the class in the page's text
     * @param page resource name of the text, without {@code .py}
     * @param libraries resource names of texts whose functions the page calls as {@code
     *     __torch__.<name>.<function>}
     * @param attributes initial values: Boolean, Integer, Double, list of Integer, {@link #NO_TENSORS} or
     *     {@link #NO_NUMBERS}
     */
    static byte[] of(String type, String page, List<String> libraries, Map<String, Object> attributes) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            store(zip, "page/data.pkl", object(type, attributes));
            store(zip, "page/code/__torch__.py", text(page));
            for (String library : libraries) {
                store(zip, "page/code/__torch__/" + library + ".py", text(library));
            }
            store(zip, "page/constants.pkl", NO_CONSTANTS);
            store(zip, "page/version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    /** Returns the text of a page. */
    static byte[] text(String name) {
        try (InputStream in = PageArchive.class.getResourceAsStream(name + ".py")) {
            if (in == null) {
                throw new IllegalArgumentException("no page is named " + name);
            }
            return in.readAllBytes();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 checksum = new CRC32();
        checksum.update(content);
        entry.setSize(content.length);
        entry.setCrc(checksum.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** Pickles {@code __torch__.<type>.__new__()} and the state it is then given. */
    private static byte[] object(String type, Map<String, Object> attributes) {
        Pickle pickle = new Pickle().global("__torch__", type).op(")\u0081}(");
        attributes.forEach((name, value) -> value(pickle.string(name), value));
        return pickle.op("ub.").bytes();
    }

    private static void value(Pickle pickle, Object value) {
        if (value instanceof Boolean on) {
            pickle.op(on ? "\u0088" : "\u0089");
        } else if (value instanceof Integer number) {
            pickle.integer(number);
        } else if (value instanceof Double number) {
            pickle.real(number);
        } else if (value instanceof List<?> numbers) {
            pickle.global("torch.jit._pickle", "build_intlist").op("](");
            numbers.forEach(number -> pickle.integer((Integer) number));
            pickle.op("e\u0085R");
        } else if (value.equals(NO_TENSORS) || value.equals(NO_NUMBERS)) {
            pickle.global("torch.jit._pickle", "restore_type_tag").op("}");
            pickle.string(value.equals(NO_TENSORS) ? "Dict[str, Tensor]" : "Dict[str, float]")
                    .op("\u0086R");
        } else {
            throw new IllegalArgumentException("cannot be pickled: " + value);
        }
    }

    /** Writes the few opcodes of pickle protocol 2 that a page needs. */
    private static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle() {
            op("\u0080\u0002");
        }

        /** Appends opcodes, a character each. */
        Pickle op(String opcodes) {
            out.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        Pickle global(String module, String name) {
            return op("c" + module + "\n" + name + "\n");
        }

        Pickle string(String value) {
            return op("X").little(value.length()).op(value);
        }

        Pickle integer(int value) {
            return op("J").little(value);
        }

        Pickle real(double value) {
            out.write('G');
            out.writeBytes(ByteBuffer.allocate(Double.BYTES).putDouble(value).array());
            return this;
        }

        private Pickle little(int value) {
            for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
                out.write(value >>> shift);
            }
            return this;
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
