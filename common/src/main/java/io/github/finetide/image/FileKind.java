package io.github.finetide.image;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What a file looks like that is not what was asked for: mostly an error page, a pointer or another format under a wrong name. */
public enum FileKind {
    GIT_LFS("a Git LFS pointer: fetch the file itself with \"git lfs pull\"", "^version https://git-lfs"),
    HTML("an HTML page", "(?is)^\\s*(?:<!--(?>.*?-->)\\s*+)*+<(!doctype\\s+html|html|head|body|script|title|meta)\\b"),
    SVG("an SVG drawing", "(?is)^\\s*(<\\?xml.*?\\?>\\s*)?(?:<!(?>.*?>)\\s*+)*+<svg\\b"),
    XML("an XML document", "(?s)^\\s*<(\\?xml|[A-Za-z]+[ >])"),
    JSON("a JSON document", "(?s)^\\s*[{\\[]\\s*([\"{\\[\\]}0-9]|true|false|null)"),
    DATA_URI("a data: URI, in text", "(?i)^\\s*data:image/"),
    AVIF("an AVIF image", "(?s)^....ftyp(avi[fs]|(mif1|msf1|miaf).{4}(....)*?avi[fs])"),
    HEIC("a HEIC image", "(?s)^....ftyp(hei[cxms]|hev[cxms]|mif1|msf1|miaf)"),
    JPEG_2000("a JPEG 2000 image", "(?s)^(\\x00\\x00\\x00\\x0cjP  |\\xff\\x4f\\xff\\x51)"),
    JPEG_XL("a JPEG XL image", "(?s)^(\\x00\\x00\\x00\\x0cJXL |\\xff\\x0a)"),
    JPEG_XR("a JPEG XR image", "(?s)^II\\xbc"),
    VIDEO(
            "a video",
            "(?s)^(....ftyp|....(moov|mdat|wide)|\\x1a\\x45\\xdf\\xa3|RIFF....AVI |\\x00\\x00\\x01[\\xb3\\xba])"),
    AUDIO("a sound file", "(?s)^(RIFF....WAVE|ID3|OggS|fLaC)"),
    PHOTOSHOP("a Photoshop document", "^8BPS"),
    PDF("a PDF document", "^%PDF"),
    POSTSCRIPT("a PostScript document", "^%!PS"),
    ICON("a Windows icon", "(?s)^\\x00\\x00[\\x01\\x02]\\x00[^\\x00]"),
    NETPBM("a Netpbm image", "^P[1-7]\\s"),
    QOI("a QOI image", "^qoif"),
    NUMPY("a NumPy array", "^\\x93NUMPY"),
    GZIP("a gzip file", "^\\x1f\\x8b"),
    ZIP("a zip archive", "^PK(\\x03\\x04|\\x05\\x06|\\x07\\x08)"),
    TAR("a tar archive", "(?s)^.{257}ustar"),
    BZIP2("a bzip2 file", "^BZh[1-9]"),
    XZ("an xz file", "^\\xfd7zXZ\\x00"),
    ZSTD("a zstd file", "^\\x28\\xb5\\x2f\\xfd"),
    SEVEN_ZIP("a 7z archive", "^7z\\xbc\\xaf\\x27\\x1c"),
    RAR("a RAR archive", "^Rar!"),
    HDF5("an HDF5 file (of Keras, for example)", "^\\x89HDF"),
    GGUF("a GGUF file", "^GGUF"),
    DICOM("a DICOM image", "(?s)^.{128}DICM"),
    ZEROS("nothing but zeros", "(?s)^\\x00+$"),
    TEXT("plain text", "^[\\t\\n\\r\\x20-\\x7e\\x80-\\xff]+$");

    private static final int LOOKED_AT = 1024; // bytes; loops in the patterns above never go back

    private final String words;
    private final Pattern start;

    FileKind(String words, String start) {
        this.words = words;
        this.start = Pattern.compile(start);
    }

    /** How many of a file's first bytes are enough. */
    public static int bytesNeeded() {
        return LOOKED_AT;
    }

    /** For a message, as "an HTML page". */
    public String words() {
        return words;
    }

    /** By the file's first bytes; empty where it looks like nothing known. */
    public static Optional<FileKind> of(byte[] file) {
        String start = new String(file, 0, Math.min(file.length, LOOKED_AT), StandardCharsets.ISO_8859_1);
        String text = start.startsWith("\u00ef\u00bb\u00bf") ? start.substring(3) : start;
        for (FileKind kind : values()) {
            if (kind.start.matcher(text).find()) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
