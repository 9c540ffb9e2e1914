package io.github.finetide.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedactedTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "image https://b.s3.amazonaws.com/a.jpg?X-Amz-Algorithm=AWS4&X-Amz-Signature=SECRET: not found",
                "\"HTTPS://h/a.jpg?sig=SECRET\"",
                "https://u:SECRET@h/a.jpg",
                "s3://u:SECRET@b/a.jpg",
                "https://h/a.jpg?se=1#SECRET",
                "https://storage.googleapis.com/b/a?X-Goog-Signature=SECRET&X-Goog-Credential=SECRET",
                "https://a.blob.core.windows.net/c/a.jpg?sv=1&sig=SECRET%3D",
                "path /a.jpg?AWSAccessKeyId=SECRET&Signature=SECRET",
                "s3://b/a.jpg?X-Amz-Signature=SECRET",
                "file:/data/a%3FX-Amz-Signature%3DSECRET",
                "https://h/a b.jpg?x=1 2&X-Amz-Security-Token=SECRET",
                "redirects to http://h/p?token=SECRET, not followed",
            })
    void noSignatureIsShown(String text) {
        assertThat(Redacted.text(text)).doesNotContain("SECRET");
        FaultException fault = new FaultException(ErrorKind.NOT_FOUND, text);
        assertThat(fault.getMessage()).doesNotContain("SECRET");
        assertThat(new ErrorDetail(ErrorKind.NOT_FOUND, text).message()).doesNotContain("SECRET");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "image https://h/a.jpg: not found",
                "s3://b/a?b#c.jpg is not there",
                "label \"x\" is not allowed; allowed: 0 to 19",
                "why? because of https://h/a",
                "epochs=3, seed=4",
            })
    void allElseStays(String text) {
        assertThat(Redacted.text(text)).isEqualTo(text);
    }

    @Test
    void whereItPointsIsStillTold() {
        String text = "image " + URI.create("https://h/a.jpg?X-Amz-Signature=1") + ": the host answered 403";

        assertThat(Redacted.text(text)).isEqualTo("image https://h/a.jpg?...: the host answered 403");
    }

    @Test
    void anImageIsNamedByItsUriWithoutItsSignature() {
        assertThat(Redacted.imageUri("https://h/a.jpg?id=7&X-Amz-Signature=abc&X-Amz-Credential=k%2Fx&size=2"))
                .isEqualTo("https://h/a.jpg?id=7&X-Amz-Signature=...&X-Amz-Credential=...&size=2");
        assertThat(Redacted.imageUri("https://u:p@h/a.jpg?id=7")).isEqualTo("https://...@h/a.jpg?id=7");
        assertThat(Redacted.imageUri("file:///a%20b.jpg")).isEqualTo("file:///a%20b.jpg");
        assertThat(Redacted.imageUri("data:sha256:ab;3")).isEqualTo("data:sha256:ab;3");
    }
}
