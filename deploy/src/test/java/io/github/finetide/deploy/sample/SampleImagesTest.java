package io.github.finetide.deploy.sample;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.fetch.ImageSources;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.trainer.data.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SampleImagesTest {
    private static final SampleImages.Counts FEW = new SampleImages.Counts(2, 1, 1);

    @TempDir
    Path folder;

    @Test
    void manifestsNameImagesThatDecode() throws IOException {
        SampleImages set = SampleImages.write(folder, 7, FEW);

        try (ImageSources sources = ImageSources.open(List.of(folder), List.of())) {
            List<Manifest> manifests = Stream.of(set.train(), set.validation(), set.heldOut())
                    .map(path -> Manifest.read(path.toUri(), sources, 20))
                    .toList();
            assertThat(manifests).extracting(m -> m.entries().size()).containsExactly(40, 20, 20);
            for (Manifest.Entry entry : manifests.get(0).entries()) {
                Pixels pixels = ImageDecoder.decode(sources.fetch(entry.image()), ImageLimits.defaults());
                assertThat(pixels.width()).isBetween(180, 320);
            }
        }
    }

    @Test
    void everyKindIsInEverySetEquallyOften() throws IOException {
        SampleImages set = SampleImages.write(folder, 7, FEW);

        Map<String, Long> labels = Files.readAllLines(set.train()).stream()
                .collect(Collectors.groupingBy(line -> line.substring(line.lastIndexOf(' ')), Collectors.counting()));

        assertThat(labels)
                .hasSize(20)
                .allSatisfy((label, count) -> assertThat(count).isEqualTo(2));
        assertThat(Files.readAllLines(folder.resolve("classes.txt"))).isEqualTo(SampleImages.classNames());
        assertThat(SampleImages.classNames()).hasSize(20).doesNotHaveDuplicates();
    }

    @Test
    void theSameSeedDrawsTheSameFiles() throws IOException {
        SampleImages one = SampleImages.write(folder.resolve("one"), 3, new SampleImages.Counts(1, 0, 0));
        SampleImages two = SampleImages.write(folder.resolve("two"), 3, new SampleImages.Counts(1, 0, 0));

        assertThat(two.train()).hasSameTextualContentAs(one.train());
        for (String line : Files.readAllLines(one.train())) {
            String image = line.substring(0, line.lastIndexOf(' '));
            assertThat(folder.resolve("two").resolve(image))
                    .hasSameBinaryContentAs(folder.resolve("one").resolve(image));
        }
    }

    @Test
    void neitherNameNorFormatTellsTheKind() throws IOException {
        SampleImages set = SampleImages.write(folder, 11, FEW);

        List<String> names = Files.readAllLines(set.heldOut());

        assertThat(names).allMatch(name -> name.matches("held-out/[0-9a-f]{16}\\.(jpg|png) \\d+"));
        long jpegs = names.stream().filter(name -> name.contains(".jpg")).count();
        assertThat(jpegs).isBetween(3L, 17L);
        assertThat(names).isNotEqualTo(names.stream().sorted().toList());
    }
}
