package io.github.finetide.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.URISyntaxException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UriTextTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "s3://b/a#b.jpg > a#b.jpg",
                "s3://b/a?b.jpg > a?b.jpg",
                "s3://b/a?b#c?d.jpg > a?b#c?d.jpg",
                "s3://b/d//x.jpg > d//x.jpg",
                "s3://b//x.jpg > /x.jpg",
                "s3://b/d/../x.jpg > d/../x.jpg",
                "s3://b/./x.jpg > ./x.jpg",
                "s3://b/[1].jpg > [1].jpg",
                "s3://b/a b%20c.jpg > a b c.jpg",
                "s3://b/a|b%7Cc.jpg > a|b|c.jpg",
                "s3://b/100%.jpg > 100%.jpg",
                "s3://b/100%2525.jpg > 100%25.jpg",
                "s3://b/%zz%41.jpg > %zzA.jpg",
                "s3://b/\u00e9%C3%A9\u4e2d.jpg > \u00e9\u00e9\u4e2d.jpg",
                "s3://b/a+b.jpg > a+b.jpg",
                "s3://b/a\\b^{c}`.jpg > a\\b^{c}`.jpg",
                "s3://b/a:b@c;d=e&f.jpg > a:b@c;d=e&f.jpg",
            })
    void whatFollowsTheBucketIsTheKey(String text, String key) throws URISyntaxException {
        assertThat(UriText.key(UriText.lenient(text))).isEqualTo(key);
        assertThat(UriText.key(UriText.strict(text))).isEqualTo(key);
        assertThat(UriText.key(UriText.s3("b", key))).isEqualTo(key);
        assertThat(UriText.s3("b", key).getRawAuthority()).isEqualTo("b");
    }

    @Test
    void onlyWhatMayNotStandIsEscaped() throws URISyntaxException {
        assertThat(UriText.lenient("https://h/a b%20c[1].jpg?x=1|2&y=%7C"))
                .hasToString("https://h/a%20b%20c%5B1%5D.jpg?x=1%7C2&y=%7C");
        assertThat(UriText.lenient("https://h/a.jpg#top")).hasToString("https://h/a.jpg#top");
        assertThat(UriText.lenient("http://[::1]:80/[1].jpg")).hasToString("http://[::1]:80/%5B1%5D.jpg");
        assertThat(UriText.lenient("file:///a/[1] 100%.jpg")).hasToString("file:///a/%5B1%5D%20100%25.jpg");
        assertThatThrownBy(() -> UriText.strict("https://h/a b.jpg")).isInstanceOf(URISyntaxException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gs://b/a", "s3a://b/a", "s3n://b/a", "hdfs://n/a", "ftp://h/a", "GS://b/a", "wasbs://c@a/b"})
    void otherSchemesAreCalledThat(String text) {
        assertThat(UriText.isForeign(text)).isTrue();
        assertThatThrownBy(() -> UriText.of(text)).hasMessageContaining("this scheme is not supported");
        assertThatThrownBy(() -> Json.read(
                        ("{\"requestId\":\"1\",\"image\":\"" + text + "\"}")
                                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                        ClassificationRequest.class))
                .hasMessageContaining("this scheme is not supported")
                .hasMessageContaining("file:, http:, https:, s3:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.jpg", "a:b.jpg", "12:30.jpg", "d/gs://x", "C:\\a.jpg", "s3://b/a", "HTTPS://h/a"})
    void pathsAndSupportedUrisAreNotForeign(String text) {
        assertThat(UriText.isForeign(text)).isFalse();
    }

    @Test
    void aRequestMayNameAnyKey() {
        ClassificationRequest request = Json.read(
                "{\"requestId\":\"1\",\"image\":\"s3://b/a [1]#2.jpg\"}"
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8),
                ClassificationRequest.class);

        assertThat(UriText.key(request.image())).isEqualTo("a [1]#2.jpg");
    }

    @Test
    void dotsAreRemovedAndEmptySegmentsStay() {
        assertThat(UriText.withoutDots("/a/b/../c//./d/..")).isEqualTo("/a/c//");
        assertThat(UriText.withoutDots("/../../x")).isEqualTo("/x");
        assertThat(UriText.withoutDots("/a//x.jpg")).isEqualTo("/a//x.jpg");
        assertThat(UriText.withoutDots("/a/..b/.c")).isEqualTo("/a/..b/.c");
    }

    @Test
    void aBucketNeedsNoHostName() {
        assertThat(UriText.s3("old_bucket", "a b")).isEqualTo(URI.create("s3://old_bucket/a%20b"));
    }
}
