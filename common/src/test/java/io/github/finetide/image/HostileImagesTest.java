package io.github.finetide.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
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
        // Bytes that no pixel depends on may be missing: trailing ones, later frames and pages, tables at a TIFF's end.
        boolean mayBeWhole = source.name().matches("(gif|tiff|bmp).*|jpeg-trailing-bytes");
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
    void gifWithAHundredThousandFramesIsTooLarge() throws IOException {
        byte[] gif = file("gif");
        int frame = indexOf(gif, new byte[] {',', 0, 0, 0, 0});
        byte[] tiny = {',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 1, 0x44, 0};
        ByteArrayOutputStream deep = new ByteArrayOutputStream();
        deep.write(gif, 0, gif.length - 1);
        for (int i = 0; i < 100_000; i++) {
            deep.write(tiny);
        }
        deep.write(';');

        assertThat(frame).isPositive();
        refused(deep.toByteArray(), ErrorKind.TOO_LARGE).hasMessageContaining("frames");
    }

    @Test
    void tiffWhosePagesRunInACircleIsUndecodable() {
        ByteBuffer tiff = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        tiff.put("II*\0".getBytes(StandardCharsets.US_ASCII)).putInt(8);
        tiff.putShort((short) 2);
        tiff.putShort((short) 256).putShort((short) 4).putInt(1).putInt(10);
        tiff.putShort((short) 257).putShort((short) 4).putInt(1).putInt(10);
        tiff.putInt(8);

        refused(tiff.array(), ErrorKind.UNDECODABLE).hasMessageContaining("circle");
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
        ImageLimits hurried = new ImageLimits(1 << 20, 64_000_000, 65_535, 10, Duration.ofMillis(1));

        assertThatThrownBy(() -> ImageDecoder.decode(png, hurried))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE))
                .hasMessageContaining("longer than");
    }

    @Test
    void moreBytesThanAllowedAreTooLarge() throws IOException {
        byte[] png = file("png-rgb");
        ImageLimits small = new ImageLimits(100, 1000, 1000, 10, Duration.ofSeconds(1));

        assertThatThrownBy(() -> ImageDecoder.decode(png, small))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TOO_LARGE));
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
