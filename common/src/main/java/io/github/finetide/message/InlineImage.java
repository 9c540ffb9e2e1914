package io.github.finetide.message;

import java.net.URI;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * An image that travels in the request itself, as {@code data:image/<type>;base64,...} (RFC 2397): for users who share
 * neither disk nor bucket with the workers. What it is, is read from its bytes, as with files; the type is not.
 */
public final class InlineImage {
    /** As base64 933,336 characters, which a topic takes with the rest of the request: 1 MiB by default. */
    public static final int MAX_BYTES = 700_000;

    static final String SCHEME = "data";

    private static final Pattern HEAD = Pattern.compile("data:image/[A-Za-z0-9.+-]{1,100};base64,");
    private static final int MAX_HEAD_CHARS = 120;

    private InlineImage() {}

    /** Whether the URI is an image itself instead of naming a place. */
    public static boolean is(URI uri) {
        return SCHEME.equals(uri.getScheme());
    }

    /** Returns the URI that holds an image. */
    public static URI of(byte[] image, String type) {
        return URI.create(
                "data:image/" + type + ";base64," + Base64.getEncoder().encodeToString(image));
    }

    static void check(String field, URI uri) {
        String text = uri.toString();
        String head = text.substring(0, Math.min(text.length(), MAX_HEAD_CHARS));
        Check.require(HEAD.matcher(head).lookingAt(), field, head, "data:image/<type>;base64,...");
    }

    /**
     * Returns the image's bytes.
     *
     * @throws FaultException TOO_LARGE for more than the limit, UNDECODABLE for what is no base64
     */
    public static byte[] bytes(URI uri, long maxBytes) {
        String text = uri.getSchemeSpecificPart();
        String base64 = text.substring(text.indexOf(',') + 1);
        long bytes = base64.length() / 4L * 3 - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
        if (bytes > maxBytes) {
            throw Faults.tooLarge("the image in the request has", bytes, maxBytes, "bytes");
        }
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException why) {
            throw Faults.undecodable("the image in the request is no base64: " + why.getMessage());
        }
    }

    /** What stands for an image in results and messages: the URI, or an inline image's SHA-256 and size. */
    public static String name(URI uri) {
        if (!is(uri)) {
            return uri.toString();
        }
        try {
            byte[] image = bytes(uri, Integer.MAX_VALUE);
            return "data:sha256:" + HexFormat.of().formatHex(Sha256.of(image)) + ";" + image.length;
        } catch (FaultException noBase64) {
            return "data:";
        }
    }
}
