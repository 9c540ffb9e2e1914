package io.github.finetide.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.InlineImage;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An image in the request needs no permission, and meets the limits and faults of files. */
class InlineSourceTest {
    private final ImageSources sources = ImageSources.open(List.of(), List.of());

    @AfterEach
    void close() {
        sources.close();
    }

    @Test
    void theImageIsItsBytes() {
        assertThat(sources.fetch(URI.create("data:image/png;base64,+/8="))).containsExactly(0xfb, 0xff);
        assertThat(sources.fetch(URI.create("data:image/x-any;base64,AQID"))).containsExactly(1, 2, 3);
        assertThat(sources.fetch(URI.create("data:image/png;base64,%2B%2F8%3D")))
                .containsExactly(0xfb, 0xff);
    }

    @Test
    void upToItsLimitAndNotAByteMore() {
        byte[] largest = new byte[InlineImage.MAX_BYTES];

        assertThat(sources.fetch(InlineImage.of(largest, "bmp"))).isEqualTo(largest);
        assertThat(kind(InlineImage.of(new byte[InlineImage.MAX_BYTES + 1], "bmp")))
                .isEqualTo(ErrorKind.TOO_LARGE);
    }

    @Test
    void whatIsNoBase64IsUndecodable() {
        assertThat(kind(URI.create("data:image/png;base64,A"))).isEqualTo(ErrorKind.UNDECODABLE);
        assertThat(kind(URI.create("data:image/png;base64,A-B_"))).isEqualTo(ErrorKind.UNDECODABLE);
    }

    private ErrorKind kind(URI image) {
        return catchThrowableOfType(FaultException.class, () -> sources.fetch(image))
                .kind();
    }
}
