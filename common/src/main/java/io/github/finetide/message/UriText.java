package io.github.finetide.message;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * URIs from the text that people write. What may not stand in a URI is escaped, each character by itself; an escape
 * that is there stays one. In an {@code s3:} URI all that follows the bucket is the key, {@code #}, {@code ?} and empty
 * segments too: keys are not paths.
 */
public final class UriText {
    /** What a URI may point to, as messages say where it points to something else. */
    public static final String SUPPORTED = "file:, http:, https:, s3:";

    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):(//)?.*", Pattern.DOTALL);
    private static final Pattern KNOWN = Pattern.compile("(?i)file|https?|s3");
    private static final Pattern S3 = Pattern.compile("(?i)s3://([^/]*)(/.*)?", Pattern.DOTALL);
    private static final String KEPT_IN_KEYS = "-._~/!$&'()*+,;=:@";
    private static final String KEPT_IN_URIS = KEPT_IN_KEYS + "?";

    private UriText() {}

    /** Whether a text begins with a scheme that is supported, or as a URI with another one does. */
    public static boolean isUri(String text) {
        Matcher matcher = SCHEME.matcher(text);
        return matcher.matches()
                && (matcher.group(2) != null || KNOWN.matcher(matcher.group(1)).matches());
    }

    /** Whether the text is a URI, and what it points to is not supported. */
    public static boolean isForeign(String text) {
        Matcher matcher = SCHEME.matcher(text);
        return isUri(text)
                && matcher.matches()
                && !KNOWN.matcher(matcher.group(1)).matches();
    }

    /** What to say where {@link #isForeign}. */
    public static String unsupported() {
        return "this scheme is not supported; supported: " + SUPPORTED;
    }

    /**
     * A URI as it is written; an {@code s3:} URI may hold any character.
     *
     * @throws URISyntaxException for other URIs with characters that must be escaped
     */
    static URI strict(String text) throws URISyntaxException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            if (S3.matcher(text).matches()) {
                return lenient(text);
            }
            throw e;
        }
    }

    /**
     * A URI as people write it, spaces and all.
     *
     * @throws URISyntaxException where escaping does not help
     */
    public static URI lenient(String text) throws URISyntaxException {
        Matcher s3 = S3.matcher(text);
        if (s3.matches()) {
            String rest = s3.group(2) == null ? "" : s3.group(2);
            return new URI("s3://" + s3.group(1) + escaped(rest, KEPT_IN_KEYS, true));
        }
        Matcher parts = Pattern.compile("([^/?#]*:)?(//[^/?#]*)?([^#]*)(#.*)?", Pattern.DOTALL)
                .matcher(text);
        if (!parts.matches()) {
            return new URI(text);
        }
        String authority = parts.group(2) == null ? "" : parts.group(2);
        String fragment =
                parts.group(4) == null ? "" : "#" + escaped(parts.group(4).substring(1), KEPT_IN_URIS, true);
        String scheme = parts.group(1) == null ? "" : parts.group(1);
        return new URI(scheme + authority + escaped(parts.group(3), KEPT_IN_URIS, true) + fragment);
    }

    /**
     * As {@link #lenient}.
     *
     * @throws FaultException INVALID for what is no URI, or one that is not supported
     */
    public static URI of(String text) {
        if (isForeign(text)) {
            throw new FaultException(ErrorKind.INVALID, Shown.of(text) + ": " + unsupported());
        }
        try {
            return lenient(text);
        } catch (URISyntaxException e) {
            throw new FaultException(ErrorKind.INVALID, Shown.of(text) + " is not a URI: " + e.getReason(), e);
        }
    }

    /** An object in a bucket; every character of the key counts as it is. */
    public static URI s3(String bucket, String key) {
        return URI.create("s3://" + bucket + "/" + escaped(key, KEPT_IN_KEYS, false));
    }

    /** A path, every character as it is, for a URI. */
    public static String escapedPath(String path) {
        return escaped(path, KEPT_IN_KEYS, false);
    }

    /** The key in an {@code s3://bucket/key} URI; empty where it has none. */
    public static String key(URI uri) {
        String path = uri.getRawPath() == null ? "" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String fragment = uri.getRawFragment() == null ? "" : "#" + uri.getRawFragment();
        String all = path + query + fragment;
        return all.startsWith("/") ? unescaped(all.substring(1)) : "";
    }

    /** A path without its {@code .} and {@code ..}, as RFC 3986, 5.2.4 removes them: empty segments stay. */
    public static String withoutDots(String path) {
        StringBuilder out = new StringBuilder();
        for (String rest = path; !rest.isEmpty(); ) {
            int next = rest.indexOf('/', 1);
            String segment = next < 0 ? rest : rest.substring(0, next);
            rest = next < 0 ? "" : rest.substring(next);
            boolean up = segment.equals("/..");
            if (up) {
                out.setLength(Math.max(0, out.lastIndexOf("/")));
            }
            if (!up && !segment.equals("/.")) {
                out.append(segment);
            } else if (rest.isEmpty()) {
                out.append('/');
            }
        }
        return out.toString();
    }

    private static String escaped(String text, String kept, boolean keepsEscapes) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c < 128 && (Character.isLetterOrDigit(c) || kept.indexOf(c) >= 0 || (c == '%' && keepsEscapes))) {
                out.appendCodePoint(c);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    out.append(String.format(Locale.ROOT, "%%%02X", b));
                }
            }
        });
        // A % that begins no escape is one that somebody meant.
        return keepsEscapes ? out.toString().replaceAll("%(?![0-9A-Fa-f]{2})", "%25") : out.toString();
    }

    private static String unescaped(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); ) {
            if (text.charAt(i) == '%' && i + 2 < text.length()) {
                out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 3;
            } else {
                int c = text.codePointAt(i);
                out.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(c);
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
