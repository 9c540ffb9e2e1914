package io.github.finetide.image.transform;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.Pixels;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shapes that no photo has; ordinary ones are compared with Pillow's in TransformsAsTorchvisionTest. */
class ResizeTest {
    private static final int VALUE = 201;

    @ParameterizedTest
    @CsvSource({
        "1, 1, 256, 256",
        "65535, 1, 256, 256",
        "1, 65535, 256, 256",
        "65535, 1, 1, 1",
        "1, 65535, 1, 1",
        "2, 65535, 2, 3",
        "65535, 2, 3, 2",
        "1, 1, 1, 65535",
        "1, 1, 65535, 1",
        "257, 255, 256, 256"
    })
    void oneColourStaysThatColourInEveryShape(int width, int height, int toWidth, int toHeight) {
        byte[] rgb = new byte[width * height * Pixels.CHANNELS];
        Arrays.fill(rgb, (byte) VALUE);

        Pixels resized = Resize.bilinear(new Pixels(width, height, rgb), toWidth, toHeight);

        assertThat(resized.width()).isEqualTo(toWidth);
        assertThat(resized.height()).isEqualTo(toHeight);
        for (byte value : resized.rgb()) {
            // Pillow's weights are rounded too: 65,535 of them lose a few of the 22 bits.
            assertThat(value & 0xff).isBetween(VALUE - 1, VALUE + 1);
        }
    }
}
