package io.github.finetide.image.tiff;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;

/**
 * The first page of a TIFF or BigTIFF: those of its entries that make pixels. What other entries and pages hold, and whether
 * they lie in the file at all, is nobody's business.
 */
public final class TiffDirectory {
    private static final int IMAGE_WIDTH = 256;
    private static final int IMAGE_LENGTH = 257;
    private static final int COMPRESSION = 259;
    private static final int ORIENTATION = 274;
    private static final int PREDICTOR = 317;
    private static final int LONG = 4;
    private static final int LONG8 = 16;

    /** Size, bits, compression, colours, strips, tiles, predictor, palette, JPEG and YCbCr: what a reader needs. */
    private static final Set<Integer> NEEDED = Set.of(
            256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 292, 293, 317, 320, 322, 323, 324, 325, 332, 338,
            339, 347, 512, 513, 514, 515, 517, 518, 519, 520, 521, 529, 530, 531, 532);

    /** Bytes of a value, by field type; 0 for types that do not exist. */
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};

    /** Where an entry's values stand in the file. */
    private record Entry(int type, int count, int at) {}

    private final Bytes file;
    private final boolean big;
    private boolean complete;
    private final Map<Integer, Entry> entries = new TreeMap<>();

    private TiffDirectory(Bytes file, boolean big) {
        this.file = file;
        this.big = big;
    }

    public static boolean begins(Bytes file) {
        return file.has(0, "II*\u0000")
                || file.has(0, "MM\u0000*") // as the standard has it
                || file.has(0, "II\u0000*")
                || file.has(0, "MM*\u0000") // Pillow takes these, too
                || file.has(0, "II+\u0000")
                || file.has(0, "MM\u0000+");
    }

    public static TiffDirectory read(byte[] bytes) {
        Bytes file = new Bytes(bytes, bytes[0] == 'M');
        TiffDirectory directory = new TiffDirectory(file, file.u16(2) == 43);
        directory.readEntries(file.within(directory.big ? file.u64(8) : file.u32(4)));
        return directory;
    }

    private void readEntries(int at) {
        long entryCount = big ? file.u64(at) : file.u16(at);
        int size = big ? 20 : 12;
        int first = at + (big ? 8 : 2);
        complete = entryCount >= 0 && entryCount <= (file.length() - first) / size;
        for (long i = 0, entry = first; i < entryCount && entry + size <= file.length(); i++, entry += size) {
            int tag = file.u16((int) entry);
            if (NEEDED.contains(tag) || tag == ORIENTATION) {
                readEntry(tag, (int) entry);
            }
        }
    }

    private void readEntry(int tag, int at) {
        int type = file.u16(at + 2);
        int typeBytes = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 0;
        long count = big ? file.u64(at + 4) : file.u32(at + 4);
        if (typeBytes == 0 || count == 0) {
            return;
        }
        long value = at + (big ? 12L : 8L);
        boolean far = count > file.length() || count * typeBytes > (big ? 8 : 4);
        if (far) {
            value = big ? file.u64((int) value) : file.u32((int) value);
        }
        // As in Pillow an entry whose values are not all in the file is none.
        if (count <= file.length() && value >= 0 && value <= file.length() - count * typeBytes) {
            entries.put(tag, new Entry(type, (int) count, (int) value));
        }
    }

    public int width() {
        return (int) Math.min(value(IMAGE_WIDTH), Integer.MAX_VALUE);
    }

    public int height() {
        return (int) Math.min(value(IMAGE_LENGTH), Integer.MAX_VALUE);
    }

    /** 1 to 8: how the image is turned or mirrored; anything else means not at all. */
    public int orientation() {
        List<Long> values = values(ORIENTATION, 1L);
        return values.size() == 1 ? values.get(0).intValue() : 1;
    }

    boolean littleEndian() {
        return !file.has(0, "M");
    }

    /** Whether all entries lie in the file. */
    public boolean isComplete() {
        return complete;
    }

    /** 1 for none; others by their number in the standard. */
    public int compression() {
        return (int) value(COMPRESSION, 1);
    }

    /** The first value of an entry, 0 if there is none. */
    private long value(int tag) {
        return value(tag, 0);
    }

    long value(int tag, long otherwise) {
        Entry entry = entries.get(tag);
        if (entry != null && entry.count != 1) {
            throw Faults.undecodable("The TIFF has " + entry.count + " values of tag " + tag + ", where one belongs");
        }
        return entry == null ? otherwise : value(entry, 0);
    }

    /** All values of an entry, or what stands for a missing one. */
    List<Long> values(int tag, Long... otherwise) {
        Entry entry = entries.get(tag);
        return entry == null
                ? List.of(otherwise)
                : LongStream.range(0, entry.count)
                        .mapToObj(i -> value(entry, (int) i))
                        .toList();
    }

    private long value(Entry entry, int i) {
        return switch (TYPE_BYTES[entry.type]) {
            case 1 -> file.u8(entry.at + i);
            case 2 -> file.u16(entry.at + 2 * i);
            case 4 -> file.u32(entry.at + 4 * i);
            default -> file.u64(entry.at + 8 * i);
        };
    }

    /**
     * A plain TIFF of this page alone: the file with a directory behind it that holds only what is needed. Values stay where
     * they are; only those of 8 bytes are written anew, with 4.
     */
    public byte[] bare(byte[] bytes) {
        entries.keySet().removeAll(List.of(ORIENTATION, PREDICTOR)); // no compression read by a library has the latter
        int directory = (bytes.length + 1) / 2 * 2;
        int values = directory + 2 + 12 * entries.size() + 4;
        long wide = entries.values().stream()
                .filter(e -> e.type == LONG8)
                .mapToLong(e -> e.count)
                .sum();
        ByteBuffer out = ByteBuffer.wrap(Arrays.copyOf(bytes, Math.toIntExact(values + 4 * wide)));
        out.order(bytes[0] == 'M' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
        out.putShort(2, (short) 42).putInt(4, directory).putShort(directory, (short) entries.size());
        int at = directory + 2;
        for (Map.Entry<Integer, Entry> tagged : entries.entrySet()) {
            out.putShort(at, tagged.getKey().shortValue());
            values = write(tagged.getValue(), out, at, values);
            at += 12;
        }
        return out.array();
    }

    /** Writes an entry without its tag; returns where the next values of 4 bytes go. */
    private int write(Entry entry, ByteBuffer out, int at, int values) {
        boolean wide = entry.type == LONG8;
        int bytes = wide ? 4 * entry.count : TYPE_BYTES[entry.type] * entry.count;
        int from = entry.at;
        if (wide) {
            for (int i = 0; i < entry.count; i++) {
                out.putInt(values + 4 * i, file.within(value(entry, i)));
            }
            from = values;
        }
        out.putShort(at + 2, (short) (wide ? LONG : entry.type)).putInt(at + 4, entry.count);
        if (bytes > 4) {
            out.putInt(at + 8, from);
        } else {
            for (int i = 0; i < bytes; i++) {
                out.put(at + 8 + i, out.get(from + i));
            }
        }
        return values + (wide ? bytes : 0);
    }
}
