package io.github.finetide.image.tiff;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.message.Faults;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;

/** A TIFF's strips or tiles as rows of bytes, uncompressed, a row after the other, a plane after the other. */
public final class TiffRaster {
    private static final int NONE = 1;
    private static final int LZW = 5;
    private static final int PACK_BITS = 32773;
    private static final List<Integer> DEFLATE = List.of(8, 32946);

    private final byte[] file;
    private final TiffDirectory page;
    private final TiffLayout layout;
    private final Deadline deadline;
    private final int rowBytes;
    private final byte[] rows;

    private TiffRaster(byte[] file, TiffDirectory page, TiffLayout layout, Deadline deadline) {
        this.file = file;
        this.page = page;
        this.layout = layout;
        this.deadline = deadline;
        this.rowBytes = layout.rowBytes(page.width());
        int planes = layout.planes() ? layout.samples() : 1;
        this.rows = new byte[Math.toIntExact((long) rowBytes * page.height() * planes)];
    }

    /** Whether the compression is one of those read here. */
    public static boolean reads(int compression) {
        return compression == NONE || compression == LZW || compression == PACK_BITS || DEFLATE.contains(compression);
    }

    public static byte[] read(byte[] file, TiffDirectory page, TiffLayout layout, Deadline deadline)
            throws DataFormatException {
        TiffRaster raster = new TiffRaster(file, page, layout, deadline);
        raster.read();
        return raster.rows;
    }

    private void read() throws DataFormatException {
        boolean strips = !page.values(273).isEmpty();
        List<Long> offsets = page.values(strips ? 273 : 324);
        List<Long> counts = page.values(strips ? 279 : 325);
        int width = strips ? page.width() : side(322);
        int height = (int) Math.min(page.height(), strips ? page.value(278, page.height()) : page.value(323, 0));
        int tileHeight = strips ? height : side(323);
        if (offsets.isEmpty() || width < 1 || tileHeight < 1) {
            throw Faults.undecodable("The TIFF says nowhere where its pixels are");
        }
        int across = (page.width() + width - 1) / width;
        int down = (page.height() + tileHeight - 1) / tileHeight;
        int planes = layout.planes() ? layout.samples() : 1;
        long parts = (long) across * down * planes;
        boolean all = offsets.size() >= parts && (counts.size() >= parts || parts == 1);
        if (page.compression() == NONE ? offsets.size() > parts : !all) {
            throw Faults.undecodable(
                    "The TIFF has " + parts + " strips or tiles, and says of " + offsets.size() + " where they are");
        }
        for (int i = 0; i < Math.min(offsets.size(), parts); i++) {
            deadline.check();
            int x = i % across * width;
            int y = i / across % down * tileHeight;
            int bytes = layout.rowBytes(width);
            int count = strips ? Math.min(tileHeight, page.height() - y) : tileHeight;
            long end = i < counts.size() ? offsets.get(i) + counts.get(i) : file.length;
            byte[] part = uncompressed(offsets.get(i), end, bytes, count);
            place(part, bytes, x, y + i / (across * down) * page.height(), Math.min(count, page.height() - y));
        }
    }

    private int side(int tag) {
        long side = page.value(tag, 0);
        if (side < 1 || side > 65_536 || side % 16 != 0) {
            throw Faults.undecodable("The TIFF's tiles have a side of " + side);
        }
        return (int) side;
    }

    /** Lays rows of a strip or tile beside the others; sides of tiles are multiples of whole bytes. */
    private void place(byte[] part, int bytes, int x, int row, int count) {
        int left = x == 0 ? 0 : layout.rowBytes(x);
        for (int i = 0; i < count; i++) {
            System.arraycopy(part, i * bytes, rows, (row + i) * rowBytes + left, Math.min(bytes, rowBytes - left));
        }
    }

    private byte[] uncompressed(long from, long end, int bytes, int count) throws DataFormatException {
        int size = Math.toIntExact((long) bytes * count);
        byte[] part;
        int start = new Bytes(file, true).within(from);
        int limit = (int) Math.min(file.length, Math.max(from, end));
        if (page.compression() == NONE) {
            new Bytes(file, true).within(from + needed(bytes, count));
            part = new byte[size];
            System.arraycopy(file, start, part, 0, Math.min(size, file.length - start));
            return part;
        }
        byte[] compressed = Arrays.copyOfRange(file, start, Math.max(start, limit));
        if (layout.reversedBits()) {
            TiffCodecs.reverseBits(compressed);
        }
        if (page.compression() == PACK_BITS) {
            return TiffCodecs.packBits(compressed, size);
        }
        part = page.compression() == LZW ? TiffLzw.decode(compressed, size) : TiffCodecs.inflate(compressed, size);
        predict(part, bytes, count);
        return part;
    }

    /** Of uncompressed tiles at the right edge only what is in the image has to be there. */
    private long needed(int bytes, int count) {
        return (long) bytes * (count - 1) + Math.min(bytes, rowBytes);
    }

    private void predict(byte[] part, int bytes, int count) {
        long predictor = page.value(317, 1);
        if (predictor == 1) {
            return;
        }
        int stride = layout.planes() ? 1 : layout.samples();
        for (int row = 0; row < count; row++) {
            TiffPredictor.undo((int) Math.min(predictor, 99), part, row * bytes, bytes, stride, layout);
        }
    }
}
