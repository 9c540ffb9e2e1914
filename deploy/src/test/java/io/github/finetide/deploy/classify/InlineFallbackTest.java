package io.github.finetide.deploy.classify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.InlineImage;
import io.github.finetide.message.Timings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InlineFallbackTest {
    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();
    private final InlineFallback fallback = new InlineFallback(notes::add);
    private byte[] bytes;
    private ClassificationRequest small;
    private ClassificationRequest large;

    @SuppressWarnings("NullAway.Init")
    InlineFallbackTest() {}

    @BeforeEach
    void makeFiles() throws IOException {
        Path image = folder.resolve("a b.PNG");
        ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
        bytes = Files.readAllBytes(image);
        small = request(image.toUri());
        large = request(Files.write(folder.resolve("large.jpg"), new byte[InlineImage.MAX_BYTES + 1])
                .toUri());
    }

    @Test
    void whatTheWorkersCannotReadIsSentAgainAndTheRestOfItsFolderAtOnce() {
        assertThat(fallback.before(small)).isEqualTo(small);

        ClassificationRequest again =
                fallback.after(small, rejected(ErrorKind.NOT_ALLOWED)).orElseThrow();
        assertThat(again.image()).isEqualTo(InlineImage.of(bytes, "PNG"));
        assertThat(again.requestId()).isNotEqualTo(small.requestId());
        assertThat(fallback.before(small)).isEqualTo(again);
        assertThat(fallback.after(small, rejected(ErrorKind.NOT_ALLOWED))).isPresent();
        assertThat(notes).singleElement().asString().contains(folder.toString());
    }

    @Test
    void whatIsTooLargeForARequestStaysRejectedAndTheRemedyIsNamed() {
        assertThat(fallback.after(large, rejected(ErrorKind.NOT_ALLOWED))).isEmpty();
        assertThat(fallback.before(large)).isEqualTo(large);
        assertThat(notes).singleElement().asString().contains("700000").contains("--data-root");
    }

    @Test
    void onlyWhatLiesHereAndCannotBeReadThereIsSent() throws IOException {
        assertThat(fallback.after(small, rejected(ErrorKind.UNDECODABLE))).isEmpty();
        assertThat(fallback.after(request(URI.create("https://host/a.png")), rejected(ErrorKind.NOT_ALLOWED)))
                .isEmpty();
        assertThat(fallback.after(request(folder.resolve("none.png").toUri()), rejected(ErrorKind.NOT_FOUND)))
                .isEmpty();
        assertThat(fallback.after(request(folder.toUri()), rejected(ErrorKind.NOT_FOUND)))
                .isEmpty();
        Path secret = Files.writeString(folder.resolve("passwords.png"), "no image");
        assertThat(fallback.after(request(secret.toUri()), rejected(ErrorKind.NOT_ALLOWED)))
                .isEmpty();
        assertThat(notes).isEmpty();
    }

    private static ClassificationRequest request(URI image) {
        return new ClassificationRequest("r", image, "m", null, 5, null);
    }

    private static ClassificationResult rejected(ErrorKind kind) {
        return new ClassificationResult.Rejected(
                "r", null, null, null, new ErrorDetail(kind, "why"), "w", Instant.EPOCH, Timings.NONE);
    }
}
