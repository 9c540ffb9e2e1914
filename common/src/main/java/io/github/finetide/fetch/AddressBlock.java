package io.github.finetide.fetch;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Pattern;

/** An address or a block of addresses, {@code 10.0.0.0/8}. */
record AddressBlock(InetAddress address, int prefix) {
    /** Only these are handed to {@link InetAddress#getByName}, which would ask a name server for anything else. */
    private static final Pattern LITERAL = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F.]*:[0-9a-fA-F:.]*");

    static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        String host = slash < 0 ? text : text.substring(0, slash);
        try {
            if (isLiteral(host)) {
                InetAddress address = address(host);
                int bits = address.getAddress().length * 8;
                int prefix = slash < 0 ? bits : Integer.parseInt(text.substring(slash + 1));
                if (prefix >= 0 && prefix <= bits) {
                    return new AddressBlock(address, prefix);
                }
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IllegalArgumentException("--allow-host " + text + ": not a block of addresses such as 10.0.0.0/8");
    }

    static boolean isLiteral(String host) {
        return LITERAL.matcher(host).matches();
    }

    static boolean isBareIpv6(String host) {
        return host.indexOf(':') != host.lastIndexOf(':') && !host.startsWith("[");
    }

    static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal + " is not an address", e);
        }
    }

    /** More than one address: then it also names the hosts in it. */
    boolean isRange() {
        return prefix < address.getAddress().length * 8;
    }

    boolean contains(InetAddress other) {
        byte[] here = address.getAddress();
        byte[] there = other.getAddress();
        int shift = here.length * 8 - prefix;
        return here.length == there.length
                && new BigInteger(1, there).shiftRight(shift).equals(new BigInteger(1, here).shiftRight(shift));
    }
}
