package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import java.io.ByteArrayOutputStream;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG's structure, and which colours its components are, decided as libjpeg does ({@code default_decompress_parms}).
 *
 * @param scans passes over the image: 1, or some 10 if it is progressive
 * @param bare the file without application data and comments: profiles, thumbnails and EXIF are never looked at
 * @param endless whether the only scan runs on to the file's end: then only decoding shows whether it is all there
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JpegFile(int width, int height, Colors colors, int scans, byte[] bare, boolean endless) {

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
        private static final int RESTART_INTERVAL = 0xdd;
        private static final int COMMENT = 0xfe;

        private static final int PIECE = 65_536; // bytes: ImageFile.MAXBLOCK
        private static final Set<Integer> TABLES = Set.of(0xc4, 0xcc, 0xdb, 0xdc, 0xdd, COMMENT);

        private final Bytes file;
        private final @Nullable ByteArrayOutputStream bare;
        private int frame = -1;
        private boolean progressive;
        private boolean restarts;
        private boolean jfif;
        private int adobe = -1;
        private int scans;
        private int firstScan = -1;
        private int firstScanData;
        private int bytesBeforeScan; // of what is kept

        Walk(Bytes file, @Nullable ByteArrayOutputStream bare) {
            this.file = file;
            this.bare = bare;
            marker(SOI);
        }

        /** Behind a scan that is the only one nothing has to be in order: libjpeg gives out its rows before it looks on. */
        JpegFile toEnd() {
            try {
                return throughAllScans();
            } catch (FaultException e) {
                if (firstScan < 0 || progressive || file.u8(firstScan + 2) != file.u8(frame + 7)) {
                    throw e;
                }
                return ofOnlyScan(e);
            }
        }

        private JpegFile ofOnlyScan(FaultException damage) {
            int marker = markerInScan(firstScanData);
            boolean endless = marker < 0;
            int end = endless ? file.length() : marker;
            if (!endless && !isHarmless(marker)) {
                throw damage;
            }
            if (bare != null) {
                if (endless && !isAllThere()) {
                    throw damage;
                }
                byte[] before = bare.toByteArray();
                bare.reset();
                bare.write(before, 0, bytesBeforeScan);
                marker(SOS);
                file.copy(firstScan, end, bare);
                marker(EOI);
            }
            scans = 1;
            return result(endless);
        }

        private boolean isAllThere() {
            JpegTables tables = JpegTables.read(file, frame, firstScan);
            return new JpegLookAhead(file, tables, firstScanData).reachesEnd();
        }

        /** Whether libjpeg, which Pillow hands the file in pieces, finds no fault with the markers from here on. */
        private boolean isHarmless(int marker) {
            long end = Math.min(file.length(), (marker / PIECE + 1L) * PIECE);
            int at = marker;
            while (at + 1 < end) {
                int code = file.u8(at + 1);
                boolean segment = (code & 0xf0) == 0xe0 || TABLES.contains(code);
                boolean alone = code == 1 || (code & 0xf8) == 0xd0;
                if (file.u8(at) != 0xff || code == 0 || code == 0xff) {
                    at++;
                } else if (code == EOI) {
                    return true;
                } else if (alone) {
                    at += 2;
                } else if (segment) {
                    at += 2 + (at + 3 < end ? file.u16(at + 2) : PIECE);
                } else {
                    return false;
                }
            }
            return true;
        }

        /** Where the first marker stands that ends a scan; -1 for none. */
        private int markerInScan(int from) {
            for (int at = from; at + 1 < file.length(); at++) {
                int next = file.u8(at + 1);
                boolean restart = restarts && (next & 0xf8) == 0xd0;
                if (file.u8(at) == 0xff && next != 0 && next != 0xff && !restart) {
                    return at;
                }
            }
            return -1;
        }

        private JpegFile throughAllScans() {
            int at = 2;
            while (true) {
                int marker = markerAt(at);
                at = marker + 1;
                int code = file.u8(marker);
                if (code == EOI) {
                    marker(EOI);
                    return result(false);
                }
                int end = file.within(at + (long) file.u16(at));
                note(code, at, end);
                if (code == SOS) {
                    beginScan(at, end);
                    end = endOfScan(end);
                }
                keep(code, at, end);
                at = end;
            }
        }

        private void beginScan(int at, int end) {
            if (scans++ == 0 && frame >= 0) {
                firstScan = at;
                firstScanData = end;
                bytesBeforeScan = bare == null ? 0 : bare.size();
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
                progressive = (code & 3) == 2;
            } else if (code == RESTART_INTERVAL) {
                restarts = file.u16(at + 2) != 0;
            } else if (scans > 0) {
                return; // colours are decided where the first scan begins
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

        private JpegFile result(boolean endless) {
            if (frame < 0 || scans == 0) {
                throw Faults.undecodable("The JPEG holds no image");
            }
            return new JpegFile(
                    file.u16(frame + 5),
                    file.u16(frame + 3),
                    colors(),
                    scans,
                    bare == null ? new byte[0] : bare.toByteArray(),
                    endless);
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
