package io.github.finetide.image.decode;

import io.github.finetide.message.Faults;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG's structure, and which colours its components are, decided as libjpeg does ({@code default_decompress_parms}).
 *
 * @param scans passes over the image: 1, or some 10 if it is progressive
 * @param bare the file without application data and comments: profiles, thumbnails and EXIF are never looked at
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JpegFile(int width, int height, Colors colors, int scans, byte[] bare) {

    enum Colors {
        GREY(1),
        RGB(3),
        YCBCR(3),
        CMYK(4),
        YCCK(4);

        private final int components;

        Colors(int components) {
            this.components = components;
        }

        int components() {
            return components;
        }
    }

    static JpegFile read(Bytes file) {
        return new Walk(file, new ByteArrayOutputStream(file.length())).toEnd();
    }

    /** The same without a copy of the file: {@link #bare} is empty. */
    static JpegFile header(Bytes file) {
        return new Walk(file, null).toEnd();
    }

    private static final class Walk {
        private static final int SOI = 0xd8;
        private static final int EOI = 0xd9;
        private static final int SOS = 0xda;
        private static final int COMMENT = 0xfe;

        private final Bytes file;
        private final @Nullable ByteArrayOutputStream bare;
        private int frame = -1;
        private boolean jfif;
        private int adobe = -1;
        private int scans;

        Walk(Bytes file, @Nullable ByteArrayOutputStream bare) {
            this.file = file;
            this.bare = bare;
            marker(SOI);
        }

        JpegFile toEnd() {
            int at = 2;
            while (true) {
                int marker = markerAt(at);
                at = marker + 1;
                int code = file.u8(marker);
                if (code == EOI) {
                    marker(EOI);
                    return result();
                }
                int end = file.within(at + (long) file.u16(at));
                note(code, at, end);
                if (code == SOS) {
                    scans++;
                    end = endOfScan(end);
                }
                keep(code, at, end);
                at = end;
            }
        }

        /** Skips to the byte after the next run of 0xff; libjpeg too passes over garbage between segments. */
        private int markerAt(int from) {
            int at = from;
            while (file.u8(at) != 0xff || file.u8(at + 1) == 0xff || file.u8(at + 1) == 0) {
                at++;
            }
            return at + 1;
        }

        private int endOfScan(int from) {
            int at = from;
            while (true) {
                while (file.u8(at) != 0xff) {
                    at++;
                }
                int next = file.u8(at + 1);
                if (next != 0 && next != 0xff && (next & 0xf8) != 0xd0) { // neither stuffing, filling nor restart
                    return at;
                }
                at++;
            }
        }

        private void note(int code, int at, int end) {
            boolean startOfFrame = code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc;
            if (startOfFrame) {
                if (frame >= 0 || file.u8(at + 2) != 8) {
                    throw Faults.undecodable("The JPEG has a second frame, or other than 8 bits");
                }
                frame = at;
            } else if (code == 0xe0 && file.has(at + 2, "JFIF\u0000") && end - at >= 16) {
                jfif = true;
            } else if (code == 0xee && file.has(at + 2, "Adobe") && end - at >= 14) {
                adobe = file.u8(at + 13);
            }
        }

        private void keep(int code, int at, int end) {
            boolean applicationData = code >= 0xe0 && code <= 0xef;
            if (bare != null && !applicationData && code != COMMENT) {
                marker(code);
                file.copy(at, end, bare);
            }
        }

        private void marker(int code) {
            if (bare != null) {
                bare.write(0xff);
                bare.write(code);
            }
        }

        private JpegFile result() {
            if (frame < 0 || scans == 0) {
                throw Faults.undecodable("The JPEG holds no image");
            }
            return new JpegFile(
                    file.u16(frame + 5),
                    file.u16(frame + 3),
                    colors(),
                    scans,
                    bare == null ? new byte[0] : bare.toByteArray());
        }

        private Colors colors() {
            return switch (file.u8(frame + 7)) {
                case 1 -> Colors.GREY;
                case 3 -> threeColors();
                case 4 -> adobe < 0 || adobe == 0 ? Colors.CMYK : Colors.YCCK;
                default -> throw Faults.undecodable("The JPEG has neither 1, 3 nor 4 components");
            };
        }

        private Colors threeColors() {
            if (jfif || adobe > 0) {
                return Colors.YCBCR;
            }
            boolean named = file.u8(frame + 8) == 'R' && file.u8(frame + 11) == 'G' && file.u8(frame + 14) == 'B';
            return adobe == 0 || named ? Colors.RGB : Colors.YCBCR;
        }
    }
}
