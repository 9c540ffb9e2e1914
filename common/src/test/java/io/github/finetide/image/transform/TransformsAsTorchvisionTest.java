package io.github.finetide.image.transform;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.image.Goldens;
import io.github.finetide.image.Pixels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every transform, for given parameters, equals torchvision's on a PIL image in every byte. */
class TransformsAsTorchvisionTest {
    record Case(String image, Pixels input, JsonNode expected) {
        @Override
        public String toString() {
            return image + " " + expected.get("steps");
        }
    }

    static List<Case> transforms() throws IOException {
        List<Case> cases = new ArrayList<>();
        for (JsonNode group : Goldens.load("transforms")) {
            Pixels input = Goldens.pixels(group);
            group.get("cases")
                    .forEach(c -> cases.add(new Case(group.get("image").asText(), input, c)));
        }
        return cases;
    }

    static List<Case> colors() throws IOException {
        Pixels every = everyColor();
        List<Case> cases = new ArrayList<>();
        Goldens.load("colors").forEach(c -> cases.add(new Case("every colour", every, c)));
        return cases;
    }

    @ParameterizedTest
    @MethodSource("transforms")
    void equalsTorchvision(Case given) throws IOException {
        Pixels out = run(given.input(), given.expected().get("steps"));

        assertThat(out.width()).isEqualTo(given.expected().get("width").asInt());
        assertThat(out.height()).isEqualTo(given.expected().get("height").asInt());
        if (given.expected().has("rgb")) {
            assertThat(Goldens.largestDifference(out, Goldens.pixels(given.expected())))
                    .isZero();
        } else {
            assertThat(Goldens.sha256(out.rgb()))
                    .isEqualTo(given.expected().get("sha256").asText());
        }
    }

    @ParameterizedTest
    @MethodSource("colors")
    void everyColorEqualsTorchvision(Case given) {
        Pixels out = run(given.input(), given.expected().get("steps"));

        assertThat(Goldens.sha256(out.rgb()))
                .isEqualTo(given.expected().get("sha256").asText());
    }

    private static Pixels run(Pixels input, JsonNode steps) {
        Pixels image = new Pixels(input.width(), input.height(), input.rgb().clone());
        for (JsonNode step : steps) {
            image = step(image, step.get(0).asText(), step);
        }
        return image;
    }

    private static Pixels step(Pixels image, String name, JsonNode step) {
        double first = step.path(1).asDouble();
        switch (name) {
            case "brightness" -> Color.brightness(image.rgb(), first);
            case "contrast" -> Color.contrast(image.rgb(), first);
            case "saturation" -> Color.saturation(image.rgb(), first);
            case "hue" -> Hue.shift(image.rgb(), first);
            case "grayscale" -> Color.grayscale(image.rgb());
            case "resize" -> {
                return Resize.bilinear(image, (int) first, step.get(2).asInt());
            }
            default -> {
                return geometry(image, name, first);
            }
        }
        return image;
    }

    /** One step alone: the others neutral, the crop that leaves all of a square canvas in place. */
    private static Pixels geometry(Pixels image, String name, double first) {
        return switch (name) {
            case "rotate" -> Geometry.rotate(image, first);
            case "center_crop" -> Geometry.apply(image, 0, (int) first, false, false);
            case "hflip" -> Geometry.flip(image, true, false);
            case "vflip" -> Geometry.flip(image, false, true);
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static Pixels everyColor() {
        Pixels every = Pixels.black(4096, 4096);
        for (int color = 0; color < 1 << 24; color++) {
            every.rgb()[color * 3] = (byte) (color >> 16);
            every.rgb()[color * 3 + 1] = (byte) (color >> 8);
            every.rgb()[color * 3 + 2] = (byte) color;
        }
        return every;
    }
}
