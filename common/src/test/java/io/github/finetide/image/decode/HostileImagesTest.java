package io.github.finetide.image.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import io.github.finetide.image.Goldens;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are: pixels or a fault of the right kind, in bounded time. */
class HostileImagesTest {
    /** Random damages of each file; {@code -Dfinetide.hostile.rounds=1000} for a thorough search. */
    private static final int ROUNDS = Integer.getInteger("finetide.hostile.rounds", 10);

    private static final int CUTS_PER_ROUND = 4;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Source(String name, byte[] file) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Source> files() throws IOException {
        List<Source> files = new ArrayList<>();
        for (JsonNode golden : Goldens.load("decode")) {
            files.add(new Source(golden.get("name").asText(), Goldens.bytes(golden, "file")));
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("files")
    void truncatedAnywhereIsNeverAnUnknownFailure(Source source) {
        int whole = 0;
        int step = Math.max(1, source.file().length / (CUTS_PER_ROUND * ROUNDS));
        for (int length = 0; length < source.file().length; length += step) {
            whole += outcome(Arrays.copyOf(source.file(), length)) == null ? 1 : 0;
        }
        // Bytes that no pixel depends on may be missing: trailing ones, later frames and pages, tables at a TIFF's end,
        // a PNG's end.
        boolean mayBeWhole = source.name().matches("(gif|tiff|bmp|png).*|jpeg-trailing-bytes");
        assertThat(whole).isLessThanOrEqualTo(mayBeWhole ? source.file().length : 0);
    }

    @ParameterizedTest
    @MethodSource("files")
    void damageIsNeverAnUnknownFailure(Source source) {
        long seed = source.name().hashCode();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = source.file().clone();
            for (int i = random.nextInt(8); i >= 0; i--) {
                int reach = random.nextBoolean() ? Math.min(64, damaged.length) : damaged.length;
                damaged[random.nextInt(reach)] = (byte) random.nextInt();
            }
            assertThat(outcome(damaged))
                    .as("seed %d round %d", seed, round)
                    .isIn(null, ErrorKind.UNDECODABLE, ErrorKind.TOO_LARGE);
        }
    }

    @Test
    void aJpegCutOffSaysWhereItEnds() throws IOException {
        byte[] jpeg = file("jpeg-444");
        byte[] half = Arrays.copyOf(jpeg, jpeg.length / 2);

        refused(half, ErrorKind.UNDECODABLE).hasMessageContaining("cut off: it ends at byte " + half.length);
    }

    @Test
    void emptyIsUndecodable() {
        refused(new byte[0], ErrorKind.UNDECODABLE).hasMessageContaining("empty");
    }

    @Test
    void otherFilesAreUndecodable() {
        refused("<svg xmlns='http://www.w3.org/2000/svg'/>".getBytes(StandardCharsets.UTF_8), ErrorKind.UNDECODABLE);
        refused("PK\u0003\u0004 and so on".getBytes(StandardCharsets.UTF_8), ErrorKind.UNDECODABLE);
        refused(new byte[1000], ErrorKind.UNDECODABLE);
    }

    @Test
    void pngThatClaims60000SquarePixelsIsTooLarge() throws IOException {
        byte[] png = file("png-rgb").clone();
        ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
        CRC32 sum = new CRC32();
        sum.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) sum.getValue());

        refused(png, ErrorKind.TOO_LARGE).hasMessageContaining("60000x60000");
    }

    @Test
    void jpegThatClaims65000SquarePixelsIsTooLarge() throws IOException {
        byte[] jpeg = file("jpeg-444").clone();
        int frame = indexOf(jpeg, new byte[] {(byte) 0xff, (byte) 0xc0});
        ByteBuffer.wrap(jpeg).putShort(frame + 5, (short) 65_000).putShort(frame + 7, (short) 65_000);

        refused(jpeg, ErrorKind.TOO_LARGE);
    }

    @Test
    void aLineOfPixelsLongerThanTheLimitIsTooLarge() throws IOException {
        byte[] bmp = file("bmp-rgb").clone();
        ByteBuffer.wrap(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(18, 1).putInt(22, 1_000_000);

        refused(bmp, ErrorKind.TOO_LARGE).hasMessageContaining("longer side");
    }

    @Test
    void jpegWithThousandsOfScansIsTooLarge() throws IOException {
        byte[] jpeg = file("jpeg-progressive");
        int scan = indexOf(jpeg, new byte[] {(byte) 0xff, (byte) 0xda});
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(jpeg, 0, scan);
        for (int i = 0; i < 5_000; i++) {
            many.write(jpeg, scan, jpeg.length - scan - 2);
        }
        many.write(jpeg, jpeg.length - 2, 2);

        refused(many.toByteArray(), ErrorKind.TOO_LARGE).hasMessageContaining("passes");
    }

    @Test
    void laterFramesOfAGifAreNotCounted() throws IOException {
        byte[] gif = file("gif");
        byte[] tiny = {',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 0x44, 0};
        ByteArrayOutputStream deep = new ByteArrayOutputStream();
        deep.write(gif, 0, gif.length - 1);
        for (int i = 0; i < 100_000; i++) {
            deep.write(tiny);
        }
        deep.write(';');

        assertThat(Goldens.largestDifference(decode(deep.toByteArray()), decode(gif)))
                .isZero();
    }

    @Test
    void tiffThatClaimsFourThousandMillionStripsIsUndecodable() throws IOException {
        byte[] tiff = file("tiff-raw").clone();
        ByteBuffer all = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
        int directory = all.getInt(4);
        for (int i = 0; i < all.getShort(directory); i++) {
            int entry = directory + 2 + 12 * i;
            if (all.getShort(entry) == 273) {
                all.putShort(entry + 2, (short) 4).putInt(entry + 4, -1);
            }
        }

        refused(tiff, ErrorKind.UNDECODABLE);
    }

    @Test
    void tiffWhoseNeededTagLiesOutsideIsUndecodable() throws IOException {
        byte[] tiff = file("tiff-raw").clone();
        ByteBuffer all = ByteBuffer.wrap(tiff).order(ByteOrder.LITTLE_ENDIAN);
        int directory = all.getInt(4);
        for (int i = 0; i < all.getShort(directory); i++) {
            int entry = directory + 2 + 12 * i;
            if (all.getShort(entry) == 258) {
                all.putInt(entry + 8, tiff.length - 1);
            }
        }

        refused(tiff, ErrorKind.UNDECODABLE).hasMessageContaining("not supported");
    }

    @Test
    void laterFramesOfAWebpAreNotCounted() throws IOException {
        byte[] webp = file("webp-animation");
        int frame = indexOf(webp, "ANMF".getBytes(StandardCharsets.US_ASCII));
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(webp);
        for (int i = 0; i < 1_001; i++) {
            many.write(webp, frame, webp.length - frame);
        }
        byte[] animation = many.toByteArray();
        ByteBuffer.wrap(animation).order(ByteOrder.LITTLE_ENDIAN).putInt(4, animation.length - 8);

        assertThat(Goldens.largestDifference(decode(animation), decode(webp))).isZero();
    }

    @Test
    void webpWhoseFramesNestByTheThousandIsUndecodable() {
        int depth = 100_000;
        ByteBuffer webp = ByteBuffer.allocate(12 + 24 * depth).order(ByteOrder.LITTLE_ENDIAN);
        webp.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(webp.capacity() - 8);
        webp.put("WEBP".getBytes(StandardCharsets.US_ASCII));
        while (webp.hasRemaining()) {
            webp.put("ANMF".getBytes(StandardCharsets.US_ASCII));
            webp.putInt(webp.remaining() - 4).put(new byte[16]);
        }

        refused(webp.array(), ErrorKind.UNDECODABLE).hasMessageContaining("no animation");
        assertThatThrownBy(() -> ImageDecoder.decodedBytes(webp.array(), ImageLimits.defaults()))
                .isInstanceOf(FaultException.class);
    }

    @Test
    void bombsInAPngsOtherChunksAreNotUnpacked() throws IOException {
        byte[] bomb = deflated(64 << 20);
        byte[] png = png(10, 10, deflated(10 * 31), "iCCP", bomb, "zTXt", bomb, "iTXt", bomb);

        assertThat(bytesToDecode(png)).isLessThan(8 << 20);
    }

    @Test
    void moreDataThanAPngHasPixelsIsNotUnpacked() throws IOException {
        byte[] png = png(10, 10, deflated(256 << 20));

        assertThat(bytesToDecode(png)).isLessThan(8 << 20);
    }

    @Test
    void secondHeaderOfAPngIsHeldAgainstTheLimits() throws IOException {
        ByteBuffer larger = ByteBuffer.allocate(13).putInt(30_000).putInt(30_000);
        larger.put(new byte[] {8, 2, 0, 0, 0});
        byte[] png = png(10, 10, deflated(1 << 20), "IHDR", larger.array());

        refused(png, ErrorKind.TOO_LARGE).hasMessageContaining("30000x30000");
    }

    @Test
    void largestImageTakesNoMoreThanItWasSaidToTake() throws IOException {
        int side = 3_000;
        byte[] png = png(side, side, deflated((long) side * (3 * side + 1)));
        long said = ImageDecoder.decodedBytes(png, ImageLimits.defaults());

        assertThat(bytesToDecode(png)).isLessThan(said);
    }

    @Test
    void imageThatIsAlsoAZipArchiveIsUndecodable() throws IOException {
        for (String name : List.of("jpeg-444", "png-rgb", "gif", "bmp-rgb", "webp-lossless")) {
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.write(file(name));
            try (ZipOutputStream zip = new ZipOutputStream(both)) {
                zip.putNextEntry(new ZipEntry("run.sh"));
                zip.write("echo".getBytes(StandardCharsets.UTF_8));
            }

            refused(both.toByteArray(), ErrorKind.UNDECODABLE).hasMessageContaining("zip");
        }
    }

    @Test
    void decodingThatTakesTooLongIsGivenUp() throws IOException {
        byte[] png = Goldens.sixteenMegapixelPng();
        ImageLimits hurried = new ImageLimits(1 << 20, 64_000_000, 65_535, Duration.ofMillis(1));

        assertThatThrownBy(() -> ImageDecoder.decode(png, hurried))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
                .hasMessageContaining("longer than");
    }

    @Test
    void moreBytesThanAllowedAreTooLarge() throws IOException {
        byte[] png = file("png-rgb");
        ImageLimits small = new ImageLimits(100, 1000, 1000, Duration.ofSeconds(1));

        assertThatThrownBy(() -> ImageDecoder.decode(png, small))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE));
    }

    /** RGB, 8 bits; the other chunks, names and contents in turn, come before the data. */
    private static byte[] png(int width, int height, byte[] data, Object... others) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(13).putInt(width).putInt(height);
        header.put(new byte[] {8, 2, 0, 0, 0});
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        png.write(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10});
        chunk(png, "IHDR", header.array());
        for (int i = 0; i < others.length; i += 2) {
            chunk(png, (String) others[i], (byte[]) others[i + 1]);
        }
        chunk(png, "IDAT", data);
        chunk(png, "IEND", new byte[0]);
        return png.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream png, String name, byte[] data) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length);
        chunk.putInt(data.length).put(name.getBytes(StandardCharsets.US_ASCII)).put(data);
        CRC32 sum = new CRC32();
        sum.update(chunk.array(), 4, 4 + data.length);
        png.write(chunk.putInt((int) sum.getValue()).array());
    }

    /** So many zeros, in a thousandth of the space. */
    private static byte[] deflated(long zeros) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, new Deflater(Deflater.BEST_COMPRESSION))) {
            byte[] block = new byte[1 << 20];
            for (long left = zeros; left > 0; left -= block.length) {
                deflater.write(block, 0, (int) Math.min(left, block.length));
            }
        }
        return out.toByteArray();
    }

    /** Heap that decoding took, garbage and all; it happens in this thread. */
    private static long bytesToDecode(byte[] file) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long self = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(self);
        outcome(file);
        return threads.getThreadAllocatedBytes(self) - before;
    }

    private static byte[] file(String name) throws IOException {
        return files().stream()
                .filter(source -> source.name().equals(name))
                .findFirst()
                .orElseThrow()
                .file();
    }

    private static AbstractThrowableAssert<?, ? extends Throwable> refused(byte[] file, ErrorKind kind) {
        return assertThatThrownBy(() -> decode(file))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    /** The kind of the fault, null for an image; any other exception goes through. */
    private static ErrorKind outcome(byte[] file) {
        try {
            decode(file);
            return none();
        } catch (FaultException e) {
            return e.kind();
        }
    }

    @SuppressWarnings("NullAway") // null stands for "no fault", in this test only
    private static ErrorKind none() {
        return null;
    }

    private static Pixels decode(byte[] file) {
        return ImageDecoder.decode(file, ImageLimits.defaults());
    }

    private static int indexOf(byte[] where, byte[] what) {
        for (int i = 0; i <= where.length - what.length; i++) {
            if (Arrays.equals(where, i, i + what.length, what, 0, what.length)) {
                return i;
            }
        }
        throw new IllegalArgumentException("not there");
    }
}
