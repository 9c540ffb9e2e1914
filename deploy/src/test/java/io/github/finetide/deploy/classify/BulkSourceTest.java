package io.github.finetide.deploy.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.classify.BulkSource.Image;
import io.github.finetide.message.ErrorKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BulkSourceTest {
    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    BulkSourceTest() {}

    @Test
    void everyLineOfAListIsAnImageGoodOrBad() throws IOException {
        Path list = Files.writeString(
                folder.resolve("list.txt"), "a b.png\r\n\n/data/c.jpg\nhttps://host/d\nftp://host/e\ns3://b/f #1\n");

        List<Image> images = BulkSource.read(list.toString());

        assertThat(images)
                .extracting(Image::name)
                .containsExactly(
                        "file://" + folder.toUri().getRawPath() + "a%20b.png",
                        "file:///data/c.jpg",
                        "https://host/d",
                        "ftp://host/e",
                        "s3://b/f%20%231");
        assertThat(images.get(3).fault())
                .satisfies(fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.INVALID));
    }

    @Test
    void whatCannotBeListedIsSaid() {
        assertThatThrownBy(() -> BulkSource.read("s3://bucket/half-a-nam"))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("with a / at its end");
        assertThatThrownBy(() -> BulkSource.read("https://host/images/")).isInstanceOf(CommandFailure.class);
    }

    @Test
    void imagesOfAFolderComeSortedAndNothingElse() throws IOException {
        for (String name : List.of("b/2.JPG", "b/1.jpeg", "a.png", "notes.txt", "b/x.png/y.webp")) {
            Files.createDirectories(folder.resolve(name).getParent());
            Files.createFile(folder.resolve(name));
        }

        assertThat(BulkSource.read(folder.toString()))
                .extracting(image -> Path.of(image.uri()))
                .containsExactly(
                        folder.resolve("a.png"),
                        folder.resolve("b/1.jpeg"),
                        folder.resolve("b/2.JPG"),
                        folder.resolve("b/x.png/y.webp"));
    }
}
