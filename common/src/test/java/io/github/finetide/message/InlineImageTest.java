package io.github.finetide.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InlineImageTest {
    /** Of the bytes 1, 2, 3; sha256sum says the same. */
    private static final String SHA256 = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81";

    @Test
    void resultsNameItByDigestAndSize() {
        assertThat(request("data:image/jpeg;base64,AQID").imageName()).isEqualTo("data:sha256:" + SHA256 + ";3");
        assertThat(request("data:image/jpeg;base64,A").imageName()).isEqualTo("data:");
        assertThat(request("file:///a.jpg").imageName()).isEqualTo("file:///a.jpg");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"data:AQID", "data:text/plain;base64,AQID", "data:image/png,AQID", "data:image/;base64,AQID"})
    void whatIsNoImageInBase64IsRefusedWithoutRepeatingIt(String image) {
        assertThatThrownBy(() -> request(image + "A".repeat(10_000)))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("allowed: data:image/<type>;base64,...")
                .extracting(Throwable::getMessage)
                .asString()
                .hasSizeLessThan(250);
    }

    @Test
    void jobsTakeNone() {
        assertThatThrownBy(() ->
                        new Dataset(URI.create("data:image/png;base64,AQID"), URI.create("file:///v"), null, null))
                .hasMessageContaining("train");
    }

    private static ClassificationRequest request(String image) {
        String json = "{\"requestId\": \"r\", \"image\": \"" + image + "\"}";
        return Json.read(json.getBytes(UTF_8), ClassificationRequest.class);
    }
}
