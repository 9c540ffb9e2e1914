package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Deadline;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * PNG by the rules of Pillow's {@code libImaging/ZipDecode.c}: as soon as the last row is there the image is whole, whatever
 * became of the file's end.
 */
final class PngDecoder {
    private static final int PIECE = 65_536; // bytes: ImageFile.MAXBLOCK

    private final byte[] bytes;
    private final PngChunks chunks;
    private final PngRows rows;
    private final Inflater inflater = new Inflater();
    private final Deadline deadline;

    private PngDecoder(byte[] bytes, PngChunks chunks, PngRows rows, Deadline deadline) {
        this.bytes = bytes;
        this.chunks = chunks;
        this.rows = rows;
        this.deadline = deadline;
    }

    static Pixels decode(byte[] bytes, Deadline deadline) throws DataFormatException {
        PngChunks chunks = new PngChunks(bytes);
        PngRows rows = new PngRows(chunks.toPixels(), chunks.frame(), chunks.palette());
        new PngDecoder(bytes, chunks, rows, deadline).decode();
        chunks.checkRest();
        return rows.pixels();
    }

    private void decode() throws DataFormatException {
        try {
            while (!decodeChunk(chunks.beginPixels(), chunks.size())) {
                chunks.next();
            }
        } finally {
            inflater.end();
        }
    }

    private boolean decodeChunk(int from, int size) throws DataFormatException {
        for (int at = from; at < from + size; at += PIECE) {
            inflater.setInput(bytes, at, Math.min(PIECE, from + size - at));
            if (decodePiece()) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the image is at its end; what inflates to no whole row waits for the next piece. */
    private boolean decodePiece() throws DataFormatException {
        while (inflater.getRemaining() > 0) {
            int count = inflater.inflate(rows.row(), rows.filled(), rows.missing());
            if (!rows.fill(count)) {
                return false;
            }
            deadline.check();
            rows.endRow();
            if (rows.complete() || inflater.finished()) {
                return true;
            }
        }
        return false;
    }
}
