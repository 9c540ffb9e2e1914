package io.github.finetide.image.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.image.Goldens;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Odd and damaged files: what Pillow opens gives its pixels, byte for byte, and what it refuses is refused. Files and
 * answers are made, and compared again, by {@code src/test/python/odd_image_goldens.py}.
 */
class OddFilesAsPillowTest {

    record Case(JsonNode golden) {
        @Override
        public String toString() {
            return golden.get("name").asText();
        }
    }

    private static List<Case> cases(boolean opens) throws IOException {
        List<Case> cases = new ArrayList<>();
        for (JsonNode golden : Goldens.load("odd")) {
            if (golden.get("opens").asBoolean() == opens) {
                cases.add(new Case(golden));
            }
        }
        return cases;
    }

    static List<Case> opened() throws IOException {
        return cases(true);
    }

    static List<Case> refused() throws IOException {
        return cases(false);
    }

    @ParameterizedTest
    @MethodSource("opened")
    void opensAsInPillow(Case given) throws IOException {
        Pixels expected = Goldens.pixels(given.golden());

        Pixels out = ImageDecoder.decode(Goldens.bytes(given.golden(), "file"), ImageLimits.defaults());

        assertThat(out).hasToString(expected.toString());
        assertThat(Goldens.largestDifference(out, expected)).isZero();
    }

    @ParameterizedTest
    @MethodSource("refused")
    void isRefusedAsByPillow(Case given) throws IOException {
        byte[] file = Goldens.bytes(given.golden(), "file");

        assertThatThrownBy(() -> ImageDecoder.decode(file, ImageLimits.defaults()))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNDECODABLE));
    }
}
