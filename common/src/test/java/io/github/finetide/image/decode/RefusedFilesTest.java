package io.github.finetide.image.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A file that is no supported image is called what it looks like. */
class RefusedFilesTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "an HTML page | <!DOCTYPE html><html><head><title>404</title>",
                "an HTML page | \u00ef\u00bb\u00bf\\n<HTML lang='en'>",
                "an HTML page | <!-- made by hand --> <html>",
                "an SVG drawing | <svg xmlns='http://www.w3.org/2000/svg'/>",
                "an SVG drawing | <?xml version='1.0'?><!-- x --><svg xmlns='http://www.w3.org/2000/svg'/>",
                "an XML document | <?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>",
                "a JSON document | {\"error\": \"not found\"}",
                "a Git LFS pointer | version https://git-lfs.github.com/spec/v1\\noid sha256:4d7a\\nsize 12345",
                "a HEIC image | \\0\\0\\0\u0018ftypheic\\0\\0\\0\\0mif1heic",
                "a HEIC image | \\0\\0\\0\u0018ftypmif1\\0\\0\\0\\0mif1heic",
                "an AVIF image | \\0\\0\\0 ftypavif\\0\\0\\0\\0avifmif1miaf",
                "an AVIF image | \\0\\0\\0 ftypmif1\\0\\0\\0\\0mif1avifmiaf",
                "a JPEG 2000 image | \\0\\0\\0\u000cjP  \\r\\n\u0087\\n",
                "a JPEG 2000 image | \u00ffO\u00ffQ\\0\\0",
                "a JPEG XL image | \u00ff\\n\u0001\u0002",
                "a video | \\0\\0\\0\u0018ftypmp42\\0\\0\\0\\0mp42",
                "a gzip file | '\u001f\u008b\u0008\\0\\0'",
                "a zip archive | 'PK\u0003\u0004\u0014'",
                "a PDF document | %PDF-1.7",
                "a Photoshop document | 8BPS\\0\u0001",
                "nothing but zeros | \\0\\0\\0\\0\\0\\0",
                "plain text | Not found",
            })
    void isCalledWhatItLooksLike(String words, String start) {
        byte[] file = start.replace("\\n", "\n")
                .replace("\\r", "\r")
                .replace("\\0", "\0")
                .getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> ImageDecoder.decode(file, ImageLimits.defaults()))
                .isInstanceOfSatisfying(FaultException.class, e -> {
                    assertThat(e.kind()).isEqualTo(ErrorKind.UNDECODABLE);
                    assertThat(e).hasMessageContaining("looks like " + words);
                });
    }
}
