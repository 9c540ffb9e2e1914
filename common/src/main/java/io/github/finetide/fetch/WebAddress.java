package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import io.github.finetide.message.UriText;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Web addresses as they are in the wild: host names with {@code _}, which {@link URI} takes for no host, or with letters
 * beyond ASCII, and redirections that no RFC allows but all browsers follow.
 */
final class WebAddress {
    private static final Pattern AUTHORITY = Pattern.compile("(?:([^@]*)@)?(\\[[^\\]]*\\]|[^:]*)(?::([0-9]{0,5}))?");
    private static final Pattern REFERENCE =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*:)?(//[^/?#]*)?([^?#]*)(\\?[^#]*)?.*");

    private WebAddress() {}

    /** The host in lower case and ASCII, as name servers know it; empty where there is none. */
    static String host(URI uri) {
        String authority = uri.getRawAuthority();
        if (authority == null) {
            return "";
        }
        Matcher parts = AUTHORITY.matcher(authority);
        return parts.matches() ? ascii(parts.group(2)) : "";
    }

    static int port(URI uri) {
        Matcher parts = AUTHORITY.matcher(uri.getRawAuthority() == null ? "" : uri.getRawAuthority());
        return parts.matches() && parts.group(3) != null && !parts.group(3).isEmpty()
                ? Integer.parseInt(parts.group(3))
                : -1;
    }

    static boolean hasUser(URI uri) {
        return uri.getRawAuthority() != null && uri.getRawAuthority().contains("@");
    }

    /** Host and port, as a request's header names them. */
    static String authority(URI uri) {
        return host(uri) + (port(uri) < 0 ? "" : ":" + port(uri));
    }

    /** The name as it goes over the wire: without the dot that may end it, letters beyond ASCII as {@code xn--}. */
    static String ascii(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        try {
            String decoded = name.contains("%") ? URI.create("x:" + name).getSchemeSpecificPart() : name;
            return name.startsWith("[")
                    ? name.toLowerCase(Locale.ROOT)
                    : IDN.toASCII(decoded, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return ""; // no name that anybody could have
        }
    }

    /** Path and query, as a request names them; a fragment never leaves this machine. */
    static String target(URI uri) {
        URI ascii = UriText.of(uri.toString());
        String path = ascii.getRawPath() == null || ascii.getRawPath().isEmpty() ? "/" : ascii.getRawPath();
        return path + (ascii.getRawQuery() == null ? "" : "?" + ascii.getRawQuery());
    }

    /** Where a {@code Location} leads, as RFC 3986, 5.2 resolves it, whatever characters it holds. */
    static URI resolved(URI from, String location) {
        try {
            return resolve(from, UriText.lenient(utf8(location.strip())));
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw Faults.of(ErrorKind.NOT_FOUND, Faults.shown(from) + " redirects to what is no URI", e);
        }
    }

    private static URI resolve(URI from, URI reference) throws URISyntaxException {
        Matcher to = REFERENCE.matcher(reference.toString());
        if (!to.matches()) {
            throw new URISyntaxException(reference.toString(), "no reference");
        }
        String query = to.group(4) == null ? "" : to.group(4);
        String path = to.group(3);
        String scheme = to.group(1) == null ? from.getScheme() + ":" : to.group(1);
        if (to.group(1) != null || to.group(2) != null) {
            String authority = to.group(2) == null ? "" : to.group(2);
            return new URI(scheme + authority + (authority.isEmpty() ? path : UriText.withoutDots(path)) + query);
        }
        String base = from.getRawPath() == null || from.getRawPath().isEmpty() ? "/" : from.getRawPath();
        if (path.isEmpty()) {
            String kept = to.group(4) != null || from.getRawQuery() == null ? query : "?" + from.getRawQuery();
            return new URI(scheme + "//" + from.getRawAuthority() + base + kept);
        }
        String merged = path.startsWith("/") ? path : base.substring(0, base.lastIndexOf('/') + 1) + path;
        return new URI(scheme + "//" + from.getRawAuthority() + UriText.withoutDots(merged) + query);
    }

    /** The client takes each byte of a header for a character. */
    private static String utf8(String header) {
        if (header.chars().anyMatch(c -> c > 0xff)) {
            return header;
        }
        byte[] bytes = header.getBytes(StandardCharsets.ISO_8859_1);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException latin) {
            return escaped(bytes);
        }
    }

    /** What is neither ASCII nor UTF-8 goes back as the bytes that came. */
    private static String escaped(byte[] bytes) {
        StringBuilder out = new StringBuilder();
        for (byte b : bytes) {
            out.append(b >= 0 ? String.valueOf((char) b) : String.format(Locale.ROOT, "%%%02X", b));
        }
        return out.toString();
    }
}
