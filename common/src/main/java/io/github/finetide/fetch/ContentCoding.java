package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import io.github.finetide.message.Shown;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;

/** Undoes what some servers do to a body though nobody asked for it. */
final class ContentCoding {
    private ContentCoding() {}

    /** The body as it was before, within the same limit. */
    static byte[] decoded(URI uri, HttpResponse<byte[]> response, long maxBytes) {
        byte[] body = response.body();
        String codings = String.join(",", response.headers().allValues("Content-Encoding"));
        String[] applied = codings.toLowerCase(Locale.ROOT).split(",", -1);
        for (int i = applied.length - 1; i >= 0; i--) { // in the order they were applied
            body = decoded(uri, body, applied[i].strip(), maxBytes);
        }
        return body;
    }

    private static byte[] decoded(URI uri, byte[] body, String coding, long maxBytes) {
        if (coding.isEmpty() || coding.equals("identity") || coding.equals("aws-chunked") || body.length == 0) {
            return body;
        }
        try (InputStream in = stream(uri, body, coding)) {
            byte[] decoded = in.readNBytes((int) Math.min(maxBytes + 1, Integer.MAX_VALUE - 8));
            if (decoded.length > maxBytes) {
                throw Faults.moreThan(uri, maxBytes);
            }
            return decoded;
        } catch (IOException e) {
            throw Faults.of(
                    ErrorKind.UNDECODABLE, Faults.shown(uri) + ": the host sent a damaged " + coding + " stream", e);
        }
    }

    private static InputStream stream(URI uri, byte[] body, String coding) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(new ByteArrayInputStream(body));
            case "deflate" -> new InflaterInputStream(new ByteArrayInputStream(body));
            default ->
                throw Faults.of(
                        ErrorKind.UNDECODABLE,
                        Faults.shown(uri) + ": the host sent it encoded as " + Shown.of(coding)
                                + ", which nobody asked for");
        };
    }
}
