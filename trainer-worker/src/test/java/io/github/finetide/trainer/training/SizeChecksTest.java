package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.data.Manifest;
import java.net.URI;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SizeChecksTest {
    private static final BoundedDecoder DECODER = BoundedDecoder.of(ImageLimits.defaults(), 1L << 30);

    private static void check(int images, String fields) {
        TrainingJob job = Jobs.job(fields);
        URI source = URI.create("file:///d/train.txt");
        Manifest manifest = new Manifest(
                source,
                IntStream.range(0, images)
                        .mapToObj(i -> new Manifest.Entry(source, 0, i + 1))
                        .toList());
        ImageReader reader = new ImageReader(uri -> new byte[0], DECODER);
        SizeChecks.check(job, ImageSet.training(job, manifest, reader), ImageSet.validation(job, manifest, reader));
    }

    @ParameterizedTest
    @CsvSource({"17, 8", "1, 8", "3, 1", "33, 32"})
    void aBatchOfOneImageHasNoStatisticsWhereTheLastMapIsOnePixel(int images, int batchSize) {
        String fields = ", \"imageSize\": 32, \"batchSize\": " + batchSize;
        assertThatThrownBy(() -> check(images, fields))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("batchSize: " + batchSize)
                .hasMessageContaining(images + " training images at 32 pixels")
                .hasMessageContaining("batchNorm frozen");
        assertThatCode(() -> check(images + 1, fields.replace(": 1", ": 2"))).doesNotThrowAnyException();
        assertThatCode(() -> check(images, fields + ", \"batchNorm\": \"frozen\""))
                .doesNotThrowAnyException();
        assertThatCode(() -> check(images, fields.replace("32", "48"))).doesNotThrowAnyException();
        assertThatCode(() -> check(images, fields + ", \"network\": \"cnn\"")).doesNotThrowAnyException();
    }

    @Test
    void theSizeOfTrainingImagesIsTheCrops() {
        assertThatThrownBy(() -> check(
                        9, ", \"imageSize\": 64, \"batchSize\": 8, \"augmentation\": {\"resize\": 40, \"crop\": 32}"))
                .hasMessageContaining("9 training images at 32 pixels");
    }

    @Test
    void aTensorOfMoreThanTwoGibibytesIsRefusedByItsField() {
        assertThatThrownBy(() -> check(9, ", \"network\": \"cnn\", \"imageSize\": 256, \"classes\": 100000"))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("classes: 100000")
                .hasMessageContaining("at most 2047 with network cnn at 256 pixels");
        assertThatThrownBy(
                        () -> check(
                                9,
                                ", \"network\": \"cnn\", \"trainable\": \"head\", \"imageSize\": 2048, \"augmentation\": \"none\""))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("batchSize: 64");
        assertThatCode(() -> check(9, ", \"classes\": 100000")).doesNotThrowAnyException();
    }
}
