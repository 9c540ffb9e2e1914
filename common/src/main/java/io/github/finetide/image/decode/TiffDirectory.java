package io.github.finetide.image.decode;

/** One page of a TIFF: its size, and where the next begins (0: nowhere). Every value must lie within the file. */
record TiffDirectory(int width, int height, int next) {
    private static final int ENTRY_BYTES = 12;
    private static final int IMAGE_WIDTH = 256;
    private static final int IMAGE_LENGTH = 257;

    /** Bytes of a value, by field type 0..13; unknown types are left to the reader. */
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    static TiffDirectory read(Bytes file, int at) {
        int entries = file.u16(at);
        int width = 0;
        int height = 0;
        for (int entry = at + 2; entry < at + 2 + entries * ENTRY_BYTES; entry += ENTRY_BYTES) {
            int tag = file.u16(entry);
            if (tag == IMAGE_WIDTH) {
                width = value(file, entry);
            } else if (tag == IMAGE_LENGTH) {
                height = value(file, entry);
            }
            checkExtent(file, entry);
        }
        int next = file.within(file.u32(at + 2 + entries * ENTRY_BYTES));
        return new TiffDirectory(width, height, next);
    }

    private static int value(Bytes file, int entry) {
        long value = file.u16(entry + 2) == 3 ? file.u16(entry + 8) : file.u32(entry + 8);
        return (int) Math.min(value, Integer.MAX_VALUE);
    }

    /** A reader would set aside memory for as many values as the entry claims. */
    private static void checkExtent(Bytes file, int entry) {
        int type = file.u16(entry + 2);
        long size = file.u32(entry + 4) * (type < TYPE_BYTES.length ? TYPE_BYTES[type] : 1);
        if (size > 4) {
            file.within(file.u32(entry + 8) + size);
        }
    }
}
