package io.github.finetide.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class FileSourceTest {
    private static final long MAX_BYTES = 100;

    @TempDir
    Path folder;

    private Path root;
    private Path outside;

    @BeforeEach
    void makeFiles() throws IOException {
        root = Files.createDirectories(folder.resolve("data root"));
        outside = Files.write(folder.resolve("secret.txt"), new byte[] {1});
        Files.write(root.resolve("image.jpg"), new byte[] {7, 8});
    }

    @Test
    void readsWhatIsBelowARoot() {
        assertThat(fetch(root.resolve("image.jpg").toUri())).containsExactly(7, 8);
        assertThat(fetch(root.resolve("x/../image.jpg").normalize().toUri())).containsExactly(7, 8);
    }

    @Test
    void listsWhatIsBelowAFolder() throws IOException {
        Files.createDirectories(root.resolve("a/b c"));
        Files.createDirectories(root.resolve("empty"));
        Files.write(root.resolve("a/b c/#1.jpg"), new byte[1]);
        Files.createSymbolicLink(root.resolve("linked"), root.resolve("a"));

        assertThat(list(root))
                .containsExactlyInAnyOrder(
                        "a/",
                        "a/b c/",
                        "a/b c/#1.jpg",
                        "empty/",
                        "image.jpg",
                        "linked/",
                        "linked/b c/",
                        "linked/b c/#1.jpg");
        assertThat(list(root.resolve("a"))).containsExactlyInAnyOrder("b c/", "b c/#1.jpg");
    }

    @Test
    void listsNothingOutsideOfTheRoot() throws IOException {
        assertThatThrownBy(() -> list(folder))
                .satisfies(e -> assertThat(kind(e)).isEqualTo(ErrorKind.NOT_ALLOWED));
        Files.createSymbolicLink(root.resolve("out"), folder);
        assertThatThrownBy(() -> list(root))
                .satisfies(e -> assertThat(kind(e)).isEqualTo(ErrorKind.NOT_ALLOWED))
                .hasMessageContaining("/out is, or lies behind, a link that leads out of the --data-root");
    }

    @Test
    void aLinkThatLeadsRoundIsNamed() throws IOException {
        Files.createDirectories(root.resolve("a"));
        Files.createSymbolicLink(root.resolve("a/again"), root);

        assertThatThrownBy(() -> list(root)).hasMessageContaining("/a/again is a link to a folder that it lies in");
    }

    @Test
    void aListHasNoMoreBytesThanAManifest() throws IOException {
        for (int i = 0; i < 20; i++) {
            Files.write(root.resolve("image" + i), new byte[1]);
        }
        assertThatThrownBy(() -> list(root)).satisfies(e -> assertThat(kind(e)).isEqualTo(ErrorKind.TOO_LARGE));
        assertThatThrownBy(() -> list(root.resolve("missing")))
                .satisfies(e -> assertThat(kind(e)).isEqualTo(ErrorKind.NOT_FOUND));
        assertThatThrownBy(() -> list(root.resolve("image1"))).hasMessageContaining("is no folder");
    }

    private List<String> list(Path at) {
        return new FileSource(List.of(root), MAX_BYTES)
                .list(at.toUri(), new SourceRules.Limit(MAX_BYTES, Duration.ofSeconds(1)));
    }

    @Test
    void readsNothingWithoutARoot() {
        assertThatThrownBy(() -> new FileSource(List.of(), MAX_BYTES)
                        .fetch(root.resolve("image.jpg").toUri()))
                .satisfies(e -> assertThat(kind(e)).isEqualTo(ErrorKind.NOT_ALLOWED));
    }

    @Test
    void refusesEveryWayOutOfTheRoot() {
        assertThat(refusal(outside.toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(URI.create(root.toUri() + "../secret.txt"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(URI.create(root.toUri() + "%2e%2e/secret.txt"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(URI.create("file:///etc/passwd"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(URI.create("file:///no/such/file"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(URI.create("file:///dev/zero"))).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(URI.create("file://elsewhere/share/image.jpg"))).isEqualTo(ErrorKind.INVALID);
        assertThat(refusal(URI.create("file:image.jpg"))).isEqualTo(ErrorKind.INVALID);
        assertThat(refusal(URI.create(root.toUri() + "a%00b"))).isEqualTo(ErrorKind.INVALID);
    }

    @Test
    void aRootIsNotAPrefixOfItsNeighboursName() throws IOException {
        Path neighbour = Files.createDirectories(folder.resolve("data root 2"));
        Files.write(neighbour.resolve("image.jpg"), new byte[] {1});

        assertThat(refusal(neighbour.resolve("image.jpg").toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void linksAreFollowedOnlyWithinTheRoot() throws IOException {
        Files.createSymbolicLink(root.resolve("inside.jpg"), root.resolve("image.jpg"));
        Files.createSymbolicLink(root.resolve("escape.jpg"), outside);
        Files.createSymbolicLink(root.resolve("up"), folder);
        Files.createSymbolicLink(root.resolve("zero"), Path.of("/dev/zero"));
        Files.createSymbolicLink(root.resolve("circle"), root.resolve("circle"));

        assertThat(fetch(root.resolve("inside.jpg").toUri())).containsExactly(7, 8);
        assertThat(refusal(root.resolve("escape.jpg").toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(root.resolve("up/secret.txt").toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(root.resolve("zero").toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(root.resolve("circle").toUri())).isIn(ErrorKind.NOT_ALLOWED, ErrorKind.NOT_FOUND);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aLinkThatLeadsOutIsCalledThat() throws IOException {
        Files.createSymbolicLink(root.resolve("escape.jpg"), outside);
        Files.createSymbolicLink(root.resolve("up"), folder);

        for (String name : List.of("escape.jpg", "up/secret.txt")) {
            assertThatThrownBy(() -> fetch(root.resolve(name).toUri()))
                    .hasMessageContaining("a link that leads out of the --data-root");
        }
        assertThatThrownBy(() -> fetch(outside.toUri())).hasMessageContaining("is not below a --data-root");
    }

    @Test
    void aNameMayHoldWhatHasAMeaningInUris() throws IOException {
        Files.write(root.resolve("a"), new byte[] {0});
        for (String name : List.of("a#b.jpg", "a?b.jpg", "[1].jpg", "100%.jpg")) {
            Files.write(root.resolve(name), new byte[] {9});
            assertThat(fetch(UriText.of(folder.toUri() + "data root/" + name))).containsExactly(9);
        }
    }

    @Test
    void aListMayBeLongerThanAnImage() throws IOException {
        URI list = Files.write(root.resolve("list.txt"), new byte[101]).toUri();
        SourceRules rules = new SourceRules(
                List.of(root), List.of(), List.of(), MAX_BYTES, 101, Duration.ofSeconds(1), Duration.ofSeconds(1));
        try (ImageSources sources = new ImageSources(rules)) {
            assertThat(sources.fetchManifest(list)).hasSize(101);
            assertThatThrownBy(() -> sources.fetch(list))
                    .satisfies(e -> assertThat(kind(e)).isEqualTo(ErrorKind.TOO_LARGE));
        }
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void whatIsPutInThePlaceOfAFileOrFolderAfterTheCheckIsNotRead() throws IOException {
        Path inner = Files.createDirectories(root.resolve("a/b"));
        Files.write(inner.resolve("secret.txt"), new byte[] {7});
        FileSource source = new FileSource(List.of(root), MAX_BYTES);
        URI uri = inner.resolve("secret.txt").toUri();
        FileSource.Found found = new FileSource.Found(root.toRealPath(), Path.of("a/b/secret.txt"));
        assertThat(source.read(uri, found)).containsExactly(7);

        Files.delete(inner.resolve("secret.txt"));
        Files.createSymbolicLink(inner.resolve("secret.txt"), outside);
        assertThatThrownBy(() -> source.read(uri, found)).isInstanceOf(FaultException.class);

        Files.delete(inner.resolve("secret.txt"));
        Files.delete(inner);
        Files.createSymbolicLink(inner, folder);
        assertThatThrownBy(() -> source.read(uri, found)).isInstanceOf(FaultException.class);

        Files.delete(inner);
        Files.delete(root.resolve("a"));
        Files.createDirectory(folder.resolve("b"));
        Files.write(folder.resolve("b/secret.txt"), new byte[] {1});
        Files.createSymbolicLink(root.resolve("a"), folder);
        assertThatThrownBy(() -> source.read(uri, found)).isInstanceOf(FaultException.class);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aNameThatIsNoUtf8IsNotThere() throws IOException, InterruptedException {
        String latin = "printf x > \"$1$(printf '\\351').jpg\"";
        assertThat(new ProcessBuilder("sh", "-c", latin, "sh", root + "/latin-")
                        .start()
                        .waitFor())
                .isZero();

        assertThat(refusal(URI.create(root.toUri() + "latin-%E9.jpg"))).isIn(ErrorKind.NOT_FOUND, ErrorKind.INVALID);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aRootMayItselfBeALink() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), root);

        byte[] bytes = new FileSource(List.of(link), MAX_BYTES)
                .fetch(link.resolve("image.jpg").toUri());

        assertThat(bytes).containsExactly(7, 8);
    }

    @Test
    void directoriesAndMissingFilesAreTold() throws IOException {
        Files.createDirectories(root.resolve("folder"));

        assertThat(refusal(root.resolve("folder").toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(refusal(root.resolve("missing.jpg").toUri())).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(refusal(root.resolve("image.jpg/below").toUri())).isEqualTo(ErrorKind.NOT_FOUND);
    }

    @Test
    @EnabledOnOs({OS.LINUX, OS.MAC})
    void aPipeIsRefusedWithoutWaitingForAWriter() throws IOException, InterruptedException {
        Path pipe = root.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();

        assertThat(refusal(pipe.toUri())).isEqualTo(ErrorKind.NOT_ALLOWED);
    }

    @Test
    void moreThanTheLimitIsTooLarge() throws IOException {
        Files.write(root.resolve("fits"), new byte[100]);
        Files.write(root.resolve("large"), new byte[101]);

        assertThat(fetch(root.resolve("fits").toUri())).hasSize(100);
        assertThat(refusal(root.resolve("large").toUri())).isEqualTo(ErrorKind.TOO_LARGE);
    }

    private byte[] fetch(URI uri) {
        return new FileSource(List.of(root), MAX_BYTES).fetch(uri);
    }

    private ErrorKind refusal(URI uri) {
        try {
            fetch(uri);
        } catch (FaultException e) {
            return e.kind();
        }
        throw new AssertionError(uri + " was read");
    }

    private static ErrorKind kind(Throwable e) {
        return ((FaultException) e).kind();
    }
}
