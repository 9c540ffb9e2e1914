package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.progress.ControlPoint;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreflightTest {
    private static final BoundedDecoder DECODER = BoundedDecoder.of(ImageLimits.defaults(), 1L << 30);
    private static final URI TRAIN = URI.create("file:///d/train.txt");
    private static final URI VALIDATION = URI.create("file:///d/validation.txt");

    private final Map<URI, byte[]> files = new HashMap<>();

    private void image(String name, int grey) throws IOException {
        image(name, BufferedImage.TYPE_BYTE_GRAY, "png", grey);
    }

    private void image(String name, int type, String format, int grey) throws IOException {
        BufferedImage image = new BufferedImage(4, 4, type);
        for (int i = 0; i < 16; i++) {
            image.getRaster().setSample(i % 4, i / 4, 0, grey);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(ImageIO.write(image, format, out)).isTrue();
        files.put(URI.create("file:///d/").resolve(name), out.toByteArray());
    }

    private List<String> check(String train, String validation) {
        files.put(TRAIN, train.getBytes(StandardCharsets.UTF_8));
        files.put(VALIDATION, validation.getBytes(StandardCharsets.UTF_8));
        return check(TRAIN, VALIDATION);
    }

    private List<String> check(URI train, URI validation) {
        ImageFetcher fetcher =
                uri -> files.getOrDefault(URI.create(uri.toString().replace("file:/d", "file:///d")), new byte[0]);
        try (PixelLoader threads = new PixelLoader(2)) {
            return new Preflight(threads, new ImageReader(fetcher, DECODER), new ControlPoint(new Recorded()))
                    .check(
                            Manifest.read(train, fetcher, 2),
                            Manifest.read(validation, fetcher, 2),
                            List.of("cat", "dog"));
        }
    }

    @Test
    void aSoundDataSetHasNoWarnings() throws IOException {
        for (int i = 0; i < 4; i++) {
            image(i + ".png", 10 * i);
        }

        assertThat(check("0.png 0\n1.png 1", "2.png 0\n3.png 1")).isEmpty();
    }

    @Test
    void validationThatNamesTheFileOfTrainingLeaks() throws IOException {
        image("0.png", 0);
        image("1.png", 10);
        files.put(TRAIN, "0.png 0\n1.png 1".getBytes(StandardCharsets.UTF_8));

        assertThat(check(TRAIN, TRAIN))
                .containsExactly("2 images of the validation set are in the training set too (same bytes):"
                        + " file:/d/train.txt line 1 as file:/d/train.txt line 1,"
                        + " file:/d/train.txt line 2 as file:/d/train.txt line 2");
    }

    @Test
    void oneImageUnderTwoLabelsIsAWarning() throws IOException {
        image("0.png", 0);
        image("1.png", 10);
        image("2.png", 20);
        image("copy.png", 0);

        assertThat(check("0.png 0\n1.png 1\ncopy.png 1", "2.png 0\n1.png 0\n2.png 1"))
                .contains("3 images have more than one label (same bytes): file:/d/train.txt line 3 (1) as"
                        + " file:/d/train.txt line 1 (0), file:/d/validation.txt line 2 (0) as"
                        + " file:/d/train.txt line 2 (1), file:/d/validation.txt line 3 (1) as"
                        + " file:/d/validation.txt line 1 (0)");
    }

    @Test
    void aClassWithoutImagesIsAWarning() throws IOException {
        image("0.png", 0);
        image("1.png", 10);

        assertThat(check("0.png 0", "1.png 0"))
                .containsExactly(
                        "1 classes have no training image: 1 (dog)", "1 classes have no validation image: 1 (dog)");
    }

    @ParameterizedTest
    @CsvSource({"png, 30000, true", "tiff, 30000, true", "png, 200, false", "tiff, 200, false"})
    void wideGreyThatTurnsWhiteIsAWarning(String format, int grey, boolean expected) throws IOException {
        image("0.png", 0);
        image("1.png", 10);
        image("2.png", 20);
        image("wide", BufferedImage.TYPE_USHORT_GRAY, format, grey);

        List<String> warnings = check("0.png 0\nwide 1", "1.png 0\n2.png 1");

        assertThat(warnings.stream().anyMatch(w -> w.contains("16-bit grey") && w.contains("train.txt line 2")))
                .isEqualTo(expected);
    }

    @Test
    void whatCannotBeUsedIsNamedWithoutSignatures() throws IOException {
        image("0.png", 0);

        assertThatThrownBy(() -> check("https://h/a.png?X-Amz-Signature=SECRET 0", "0.png 0"))
                .hasMessageContaining("train.txt line 1: https://h/a.png")
                .hasMessageNotContaining("SECRET");
    }
}
