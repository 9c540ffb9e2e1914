package io.github.finetide.deploy.rights;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Kafka's constants as its tools and Strimzi write them: {@code DESCRIBE_CONFIGS} is {@code DescribeConfigs}. */
final class CamelCase {
    private CamelCase() {}

    static String of(Enum<?> constant) {
        return Arrays.stream(constant.name().split("_", -1))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    /** The same with a small first letter: {@code transactionalId}. */
    static String small(Enum<?> constant) {
        String words = of(constant);
        return words.substring(0, 1).toLowerCase(Locale.ROOT) + words.substring(1);
    }
}
