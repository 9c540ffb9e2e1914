package io.github.finetide.image.tiff;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Compressions of a TIFF's strips: each gives out exactly so many bytes, what follows them is nobody's business. */
final class TiffCodecs {
    private TiffCodecs() {}

    static byte[] inflate(byte[] compressed, int size) throws DataFormatException {
        byte[] out = new byte[size];
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(compressed);
            int filled = 0;
            while (filled < size) {
                int count = inflater.inflate(out, filled, size - filled);
                if (count == 0) {
                    throw cutOff();
                }
                filled += count;
            }
            return out;
        } finally {
            inflater.end();
        }
    }

    static byte[] packBits(byte[] compressed, int size) {
        byte[] out = new byte[size];
        int at = 0;
        int filled = 0;
        while (filled < size) {
            if (at >= compressed.length) {
                throw cutOff();
            }
            int code = compressed[at++];
            int count = Math.min(code < 0 ? 1 - code : code + 1, size - filled);
            if (code == -128) {
                continue;
            }
            if (at + (code < 0 ? 1 : count) > compressed.length) {
                throw cutOff();
            }
            for (int i = 0; i < count; i++) {
                out[filled++] = compressed[code < 0 ? at : at + i];
            }
            at += code < 0 ? 1 : code + 1;
        }
        return out;
    }

    /** So that a byte's first pixel is in its high bits. */
    static void reverseBits(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (Integer.reverse(bytes[i]) >>> 24);
        }
    }

    static FaultException cutOff() {
        return Faults.undecodable("The TIFF is cut off or damaged: a strip or tile ends before its last pixel");
    }
}
