package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The hosts that may be connected to. A host must be named; an address that only this machine or its network can reach must be
 * named besides, as an address, a block of addresses, or {@code localhost}. So a name that somebody else's name server
 * turns into {@code 127.0.0.1} or {@code 169.254.169.254} leads nowhere.
 */
final class AllowedHosts {
    private static final String LOCALHOST = "localhost";

    /** All hosts below a domain, not the domain itself. */
    private static final String ANY = "*.";

    private static final Pattern HOST = Pattern.compile("\\[[0-9a-f:.%]+\\]|[^\\[\\]*:\\s]+");

    private final Set<String> names = new HashSet<>();

    /** Endings of host names, with their dot, and with a port where one was given. */
    private final Set<String> domains = new HashSet<>();

    private final List<AddressBlock> blocks = new ArrayList<>();

    AllowedHosts(List<String> entries) {
        for (String entry : entries) {
            add(entry.strip().toLowerCase(Locale.ROOT));
        }
    }

    private void add(String entry) {
        if (entry.contains("/")) {
            blocks.add(AddressBlock.parse(entry));
            return;
        }
        String name = entry.startsWith(ANY) ? entry.substring(ANY.length()) : entry;
        URI parsed = parsed(AddressBlock.isBareIpv6(name) ? "[" + name + "]" : name, entry);
        String host = unbracketed(WebAddress.host(parsed));
        if (entry.startsWith(ANY)) {
            if (AddressBlock.isLiteral(host)) {
                throw wrong(entry);
            }
            domains.add("." + WebAddress.authority(parsed));
            return;
        }
        names.add(WebAddress.authority(parsed));
        if (host.equals(LOCALHOST)) {
            blocks.add(AddressBlock.parse("127.0.0.0/8"));
            blocks.add(AddressBlock.parse("::1/128"));
        } else if (AddressBlock.isLiteral(host)) {
            blocks.add(AddressBlock.parse(host));
        }
    }

    private static URI parsed(String name, String entry) {
        try {
            URI uri = new URI("http://" + name);
            if (uri.getRawPath().isEmpty()
                    && HOST.matcher(WebAddress.host(uri)).matches()
                    && !WebAddress.hasUser(uri)) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw wrong(entry);
        }
        throw wrong(entry);
    }

    private static IllegalArgumentException wrong(String entry) {
        return new IllegalArgumentException(
                "--allow-host " + entry + ": not a host, *.domain, host:port or block of addresses");
    }

    private boolean isNamed(String host, int port) {
        return names.contains(host)
                || names.contains(host + ":" + port)
                || domains.stream().anyMatch(domain -> host.endsWith(domain) || (host + ":" + port).endsWith(domain));
    }

    /** Refuses a host that is not named; asks no name server. */
    void check(URI uri) {
        String host = WebAddress.host(uri);
        if (host.isEmpty()) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(uri) + " names no host");
        }
        boolean inBlock = AddressBlock.isLiteral(unbracketed(host))
                && blocks.stream().anyMatch(block -> block.isRange() && block.contains(literal(host)));
        if (!inBlock && !isNamed(host, port(uri))) {
            throw Faults.of(
                    ErrorKind.NOT_ALLOWED, Faults.shown(uri) + ": " + host + " is not named by an --allow-host");
        }
    }

    /** Returns the address to ask; refuses a host any of whose addresses is private and not named. */
    InetAddress checkedAddress(URI uri) {
        try {
            InetAddress[] addresses = InetAddress.getAllByName(unbracketed(WebAddress.host(uri)));
            for (InetAddress address : addresses) {
                if (isPrivate(address) && blocks.stream().noneMatch(block -> block.contains(address))) {
                    throw Faults.of(
                            ErrorKind.NOT_ALLOWED,
                            Faults.shown(uri) + " leads to the private address " + address.getHostAddress()
                                    + ", which is not named by an --allow-host");
                }
            }
            return addresses[0];
        } catch (UnknownHostException e) {
            throw Faults.of(ErrorKind.UNAVAILABLE, Faults.shown(uri) + ": the host's name is not known", e);
        }
    }

    private static InetAddress literal(String host) {
        return AddressBlock.address(unbracketed(host));
    }

    private static int port(URI uri) {
        return WebAddress.port(uri) >= 0 ? WebAddress.port(uri) : "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
    }

    private static String unbracketed(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** Loopback, link-local, site-local and all else that is not an address of one host on the internet. */
    static boolean isPrivate(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress()
                || (address instanceof Inet6Address six
                        ? isPrivateIpv6(six.getAddress())
                        : isPrivateIpv4(address.getAddress()));
    }

    private static boolean isPrivateIpv4(byte[] a) {
        int first = a[0] & 0xff;
        int second = a[1] & 0xff;
        return first == 0 // this network
                || first >= 240 // reserved, broadcast
                || (first == 100 && second >= 64 && second < 128) // carrier-grade NAT
                || (first == 192 && second == 0 && a[2] == 0) // IETF assignments
                || (first == 198 && (second & 0xfe) == 18); // benchmarking
    }

    private static boolean isPrivateIpv6(byte[] a) {
        boolean uniqueLocal = (a[0] & 0xfe) == 0xfc;
        // NAT64, 6to4 and Teredo carry an IPv4 address that a gateway would reach.
        boolean carriesIpv4 = (a[0] == 0 && a[1] == 0x64 && a[2] == (byte) 0xff && a[3] == (byte) 0x9b)
                || (a[0] == 0x20 && a[1] == 0x02)
                || (a[0] == 0x20 && a[1] == 0x01 && a[2] == 0 && a[3] == 0);
        return uniqueLocal || carriesIpv4 || (a[0] == 0 && a[1] == 0 && a[2] == 0 && a[3] == 0);
    }
}
