package io.github.finetide.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ManifestTest {
    private static final URI SOURCE = URI.create("file:///data/sets/train.txt");

    @Test
    void theLabelIsTheLastFieldAndThePathMayHoldSpaces() {
        assertThat(read("a b/my  photo.jpg 3\n/abs/x#1%.png\t0\n").entries())
                .containsExactly(
                        new Manifest.Entry(URI.create("file:/data/sets/a%20b/my%20%20photo.jpg"), 3, 1),
                        new Manifest.Entry(URI.create("file:/abs/x%231%25.png"), 0, 2));
    }

    @Test
    void blankLinesByteOrderMarkAndCrlfDoNoHarm() {
        assertThat(read("\uFEFFa.jpg 1\r\n\r\n  b.jpg 2  \r\n").entries())
                .extracting(Manifest.Entry::image, Manifest.Entry::label, Manifest.Entry::line)
                .containsExactly(
                        tuple(URI.create("file:/data/sets/a.jpg"), 1, 1),
                        tuple(URI.create("file:/data/sets/b.jpg"), 2, 3));
    }

    @Test
    void urisStayAsTheyAre() {
        assertThat(read("https://photos.example/a.jpg?x=1 1\ns3://bucket/k e y.png 2\n")
                        .entries())
                .extracting(entry -> entry.image().toString())
                .containsExactly("https://photos.example/a.jpg?x=1", "s3://bucket/k%20e%20y.png");
    }

    @Test
    void relativePathsFollowTheManifestIntoItsBucket() {
        ImageFetcher fetcher = uri -> "../images/é.jpg 1".getBytes(StandardCharsets.UTF_8);

        Manifest manifest = Manifest.read(URI.create("s3://bucket/sets/train.txt"), fetcher, 2);

        assertThat(manifest.entries().get(0).image().getPath()).isEqualTo("/images/é.jpg");
    }

    @Test
    void keysInBucketsAreWhatWasWritten() {
        String lines = String.join(
                " 0\n",
                "s3://b/a#b.jpg",
                "s3://b/d//x?y.jpg",
                "s3://b/[1] %20.jpg",
                "d//x.jpg",
                "a#b?c.jpg",
                "[1] %20.jpg",
                "./y.jpg",
                "/top.jpg",
                "a:b.jpg",
                "");
        ImageFetcher fetcher = uri -> lines.getBytes(StandardCharsets.UTF_8);

        Manifest manifest = Manifest.read(URI.create("s3://my_bucket/sets#1//train.txt"), fetcher, 1);

        assertThat(manifest.entries())
                .extracting(entry -> UriText.key(entry.image()))
                .containsExactly(
                        "a#b.jpg",
                        "d//x?y.jpg",
                        "[1]  .jpg",
                        "sets#1//d//x.jpg",
                        "sets#1//a#b?c.jpg",
                        "sets#1//[1] %20.jpg",
                        "sets#1//y.jpg",
                        "top.jpg",
                        "sets#1//a:b.jpg");
        assertThat(manifest.entries().get(3).image().getRawAuthority()).isEqualTo("my_bucket");
    }

    @Test
    void webAddressesKeepEmptySegmentsAndEscapes() {
        ImageFetcher fetcher = uri -> "d//x.jpg 0\nhttps://h/a%20b c[1].jpg 0\n".getBytes(StandardCharsets.UTF_8);

        assertThat(Manifest.read(URI.create("https://h/sets/train.txt"), fetcher, 1)
                        .entries())
                .extracting(entry -> entry.image().toString())
                .containsExactly("https://h/sets/d//x.jpg", "https://h/a%20b%20c%5B1%5D.jpg");
    }

    @Test
    void aListOf85MegabytesIsRead() {
        byte[] line = "images/train/n01440764/n01440764_10026_of_a_long_name.JPEG 0\n".getBytes(StandardCharsets.UTF_8);
        int lines = 85_000_000 / line.length;
        byte[] bytes = new byte[lines * line.length];
        for (int i = 0; i < lines; i++) {
            System.arraycopy(line, 0, bytes, i * line.length, line.length);
        }

        assertThat(Manifest.read(SOURCE, uri -> bytes, 1).entries()).hasSize(lines);
    }

    @Test
    void otherSchemesAreCalledThat() {
        assertThatThrownBy(() -> read("gs://b/a.jpg 1\ns3a://b/a.jpg 1\nhdfs://n/a.jpg 1\nftp://h/a.jpg 1"))
                .hasMessageContaining("4 errors")
                .hasMessageContaining("line 1: \"gs://b/a.jpg\": this scheme is not supported; supported: file:, http:")
                .hasMessageContaining("line 4: \"ftp://h/a.jpg\": this scheme is not supported");
    }

    @Test
    void whatIsEchoedOfALineIsCutAndClean() {
        String line = "x\u001b[31m\u202e\u2028y" + "z".repeat(5000);

        assertThatThrownBy(() -> read(line + "\na.jpg " + line))
                .hasMessageNotContaining("\u001b")
                .hasMessageNotContaining("\u202e")
                .hasMessageNotContaining("\u2028")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(600));
    }

    @Test
    void errorsNameFileAndLine() {
        assertThatThrownBy(() -> read("a.jpg 1\nb.jpg\nc.jpg x\nd.jpg 20\ne.jpg -1\n"))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
                .hasMessageContaining("4 errors")
                .hasMessageContaining("/data/sets/train.txt line 2:")
                .hasMessageContaining("line 3: label \"x\" is not allowed; allowed: 0 to 19")
                .hasMessageContaining("line 4: label \"20\"")
                .hasMessageContaining("line 5: label \"-1\"");
    }

    @Test
    void fiftyErrorsAreShownAndAllAreCounted() {
        String lines = IntStream.range(0, 80).mapToObj(i -> "x.jpg").collect(Collectors.joining("\n"));

        assertThatThrownBy(() -> read(lines))
                .hasMessageContaining("80 errors")
                .hasMessageContaining("line 50:")
                .hasMessageNotContaining("line 51:")
                .hasMessageEndingWith("and 30 more");
    }

    @Test
    void anImageThatIsNotThereIsFoundBeforeTraining() {
        ImageFetcher fetcher = new ImageFetcher() {
            @Override
            public byte[] fetch(URI uri) {
                return "a.jpg 1\nmissing.jpg 2".getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public void check(URI uri) {
                if (uri.getPath().endsWith("missing.jpg")) {
                    throw new FaultException(ErrorKind.NOT_FOUND, "missing.jpg does not exist");
                }
            }
        };

        assertThatThrownBy(() -> Manifest.read(SOURCE, fetcher, 20))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
                .hasMessageContaining("line 2: missing.jpg does not exist");
    }

    @Test
    void anEmptyManifestOrOneThatIsNoTextIsRefused() {
        assertThatThrownBy(() -> read("\n \n")).hasMessageContaining("has no images");
        ImageFetcher binary = uri -> new byte[] {(byte) 0xff, (byte) 0xd8};
        assertThatThrownBy(() -> Manifest.read(SOURCE, binary, 20)).hasMessageContaining("UTF-8");
    }

    private static Manifest read(String text) {
        List<URI> asked = new ArrayList<>();
        ImageFetcher fetcher = uri -> {
            asked.add(uri);
            return text.getBytes(StandardCharsets.UTF_8);
        };
        Manifest manifest = Manifest.read(SOURCE, fetcher, 20);
        assertThat(asked).containsExactly(SOURCE);
        return manifest;
    }
}
