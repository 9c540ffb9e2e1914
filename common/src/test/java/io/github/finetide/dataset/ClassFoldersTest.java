package io.github.finetide.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.fetch.ImageSources;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassFoldersTest {
    private static final URI SOURCE = URI.create("s3://photos/train/");

    @Test
    void classesAndImagesAreThoseOfTorchvisionInItsOrder(@TempDir Path folder) throws IOException {
        JsonNode golden = golden();
        for (JsonNode file : golden.path("files")) {
            Path path = folder.resolve(file.asText());
            Files.createDirectories(Objects.requireNonNull(path.getParent()));
            Files.createFile(path);
        }
        try (ImageSources sources = ImageSources.open(List.of(folder), List.of())) {
            ClassFolders read = ClassFolders.read(folder.toUri(), sources);

            assertThat(read.classNames()).isEqualTo(texts(golden.path("classes")));
            assertSamples(read, golden.path("samples"));
            assertThat(read.images())
                    .allSatisfy(image -> assertThat(sources.fetch(image.uri())).isEmpty());
        }
    }

    @Test
    void aBucketsListIsReadAlike() throws IOException {
        JsonNode golden = golden();
        List<String> paths = new ArrayList<>(texts(golden.path("files")));
        Collections.shuffle(paths, new Random(1));

        ClassFolders read = ClassFolders.read(SOURCE, listing(paths));

        assertThat(read.classNames()).isEqualTo(texts(golden.path("classes")));
        assertSamples(read, golden.path("samples"));
        assertThat(read.images().get(1).uri())
                .hasToString("s3://photos/train/A/.hidden.png")
                .hasScheme("s3");
    }

    @Test
    void aClassWithoutAnImageIsNamedAsInTorchvision() {
        ClassFolders read = ClassFolders.read(SOURCE, listing(List.of("a/1.jpg", "b/", "c/x.txt")));

        assertThat(read.classNames()).containsExactly("a", "b", "c");
        assertThatThrownBy(read::requireImages)
                .hasMessageContaining(
                        "s3://photos/train/ has no image for \"b\", \"c\"; put some there or remove the folders");
    }

    @Test
    void aFolderWithoutFoldersSaysWhatIsExpected() {
        assertThatThrownBy(() -> ClassFolders.read(SOURCE, listing(List.of("1.jpg"))))
                .hasMessageContaining("s3://photos/train/ has no folders; expected: one for each class");
    }

    @Test
    void validationMayLackAClassAndAddNone() {
        ClassFolders read = ClassFolders.read(SOURCE, listing(List.of("a/1.jpg", "d/1.jpg")));

        read.requireAmong(List.of("a", "b", "d"));
        assertThatThrownBy(() -> read.requireAmong(List.of("a", "b")))
                .hasMessageContaining(
                        "folders of classes that training does not have: \"d\"; its classes are \"a\", \"b\"");
    }

    private static ImageFetcher listing(List<String> paths) {
        return new ImageFetcher() {
            @Override
            public byte[] fetch(URI uri) {
                throw new AssertionError("no image is read");
            }

            @Override
            public List<String> list(URI folder) {
                return paths;
            }
        };
    }

    private static void assertSamples(ClassFolders read, JsonNode samples) {
        List<String> expected = StreamSupport.stream(samples.spliterator(), false)
                .map(pair -> pair.path(0).asText() + " " + pair.path(1).asInt())
                .toList();
        assertThat(read.images())
                .extracting(image -> image.path() + " " + read.classNames().indexOf(image.className()))
                .isEqualTo(expected);
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    private static JsonNode golden() throws IOException {
        try (InputStream file =
                Objects.requireNonNull(ClassFoldersTest.class.getResourceAsStream("class-folders.json"))) {
            return new ObjectMapper().readTree(file);
        }
    }
}
