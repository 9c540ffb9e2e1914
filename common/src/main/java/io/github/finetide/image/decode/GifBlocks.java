package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;

/**
 * Codes out of a GIF's blocks of data, low bits first. As in Pillow a block counts only when all of it is there, an empty
 * one ends nothing, and the end code ends nothing as long as the file goes on (Pillow reads it in pieces).
 */
final class GifBlocks {
    private static final int PIECE = 65_536; // bytes: ImageFile.MAXBLOCK

    private final Bytes file;
    private long piecesEnd;
    private int at;
    private int left;
    private int bits;
    private int bitCount;

    GifBlocks(Bytes file, int from) {
        this.file = file;
        this.at = from;
        this.piecesEnd = from;
        nextPiece();
    }

    int read(int count) {
        while (bitCount < count) {
            if (left > 0) {
                bits |= file.u8(at++) << bitCount;
                bitCount += 8;
                left--;
            } else {
                beginBlock();
            }
        }
        int code = bits & ((1 << count) - 1);
        bits >>>= count;
        bitCount -= count;
        return code;
    }

    void endOfData() {
        if (piecesEnd >= file.length()) {
            throw Faults.undecodable("The GIF is damaged: its data end before its last pixel");
        }
        nextPiece();
    }

    private void beginBlock() {
        while (at >= piecesEnd || at + 1 + file.u8(at) > Math.min(piecesEnd, file.length())) {
            if (piecesEnd >= file.length()) {
                throw Faults.undecodable(
                        "The image is cut off: it ends at byte " + file.length() + " within its pixels");
            }
            nextPiece();
        }
        left = file.u8(at++);
    }

    private void nextPiece() {
        piecesEnd += PIECE;
    }
}
