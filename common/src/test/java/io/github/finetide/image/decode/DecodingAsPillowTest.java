package io.github.finetide.image.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.image.Goldens;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of every format and mode decode to Pillow's {@code convert("RGB")}, byte for byte. */
class DecodingAsPillowTest {

    record Case(JsonNode golden) {
        String name() {
            return golden.get("name").asText();
        }

        @Override
        public String toString() {
            return name();
        }
    }

    static List<Case> files() throws IOException {
        List<Case> cases = new ArrayList<>();
        Goldens.load("decode").forEach(c -> cases.add(new Case(c)));
        return cases;
    }

    @ParameterizedTest
    @MethodSource("files")
    void equalsPillow(Case given) throws IOException {
        Pixels expected = Goldens.pixels(given.golden());

        Pixels out = ImageDecoder.decode(Goldens.bytes(given.golden(), "file"), ImageLimits.defaults());

        assertThat(out).hasToString(expected.toString());
        assertThat(Goldens.largestDifference(out, expected)).isZero();
    }
}
