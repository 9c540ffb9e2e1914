package io.github.finetide.options;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Types of option values, with their limits. */
public final class OptionTypes {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_COUNT = 4096; // of threads, images in a batch: more is a slip of the finger
    private static final long MAX_BYTES = Integer.MAX_VALUE - 8; // of a Java array
    private static final long MAX_STORE_BYTES = 4096L << 40;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,10})([kmg]?)b?");
    private static final Pattern LARGE_SIZE = Pattern.compile("([0-9]{1,16})([kmgt]?)b?");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]{0,100}");

    private OptionTypes() {}

    /** A TCP port; 0 stands for any free one. */
    public static final class Port implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return number(value, 0, MAX_PORT);
        }
    }

    /** How many of something: 1 to 4096. */
    public static final class Count implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String value) {
            return number(value, 1, MAX_COUNT);
        }
    }

    /** Bytes: a number of them, or {@code 512k}, {@code 64m}, {@code 1g} in powers of 1024; up to what an array holds. */
    public static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            Matcher size = SIZE.matcher(value.toLowerCase(Locale.ROOT));
            if (size.matches()) {
                int shift = 10 * " kmg".indexOf(size.group(2).isEmpty() ? " " : size.group(2));
                long bytes = Long.parseLong(size.group(1)) << shift;
                if (1 <= bytes && bytes <= MAX_BYTES) {
                    return bytes;
                }
            }
            throw new TypeConversionException("'" + value + "' is not a size from 1 byte to 2g, such as 64m");
        }
    }

    /** Bytes in a store: as {@link Bytes}, from 0 and up to {@code 4096t}. */
    public static final class Size implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            Matcher size = LARGE_SIZE.matcher(value.toLowerCase(Locale.ROOT));
            if (size.matches()) {
                int shift = 10 * " kmgt".indexOf(size.group(2).isEmpty() ? " " : size.group(2));
                long number = Long.parseLong(size.group(1));
                if (number <= MAX_STORE_BYTES >> shift) {
                    return number << shift;
                }
            }
            throw new TypeConversionException("'" + value + "' is not a size such as 0, 64m, 32g or 2t");
        }
    }

    /** How much of something: 1 to 2^31 - 1. */
    public static final class Amount implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return (long) number(value, 1, Integer.MAX_VALUE);
        }
    }

    /** A name that can be part of topic names, file names and transactional ids. */
    public static final class Name implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            return matching(NAME, value);
        }
    }

    /** What topic names may begin with; empty for nothing. */
    public static final class Prefix implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            return matching(PREFIX, value);
        }
    }

    private static int number(String value, int least, int most) {
        try {
            int number = Integer.parseInt(value);
            if (least <= number && number <= most) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            throw refused(value, least, most);
        }
        throw refused(value, least, most);
    }

    private static TypeConversionException refused(String value, int least, int most) {
        return new TypeConversionException("'" + value + "' is not a whole number from " + least + " to " + most);
    }

    private static String matching(Pattern allowed, String value) {
        if (!allowed.matcher(value).matches()) {
            throw new TypeConversionException("'" + value + "' does not match " + allowed);
        }
        return value;
    }
}
