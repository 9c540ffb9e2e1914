package io.github.finetide.options;

import java.net.URI;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The effective value of every option, fit to be shown: secrets are masked. */
public final class Configuration {
    static final String MASK = "********";

    private static final Pattern SECRET = Pattern.compile(
            "password|passwd|secret|token|credential|jaas|keystore\\.key|key\\.pem|private|basic\\.auth\\.user\\.info");

    private Configuration() {}

    /** One line, {@code name=value} by name of option, as the command was given it. */
    public static String describe(CommandSpec spec) {
        StringJoiner line = new StringJoiner(", ");
        for (OptionSpec option : spec.options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                line.add(option.longestName().replaceFirst("^-+", "") + "=" + shown(option.getValue()));
            }
        }
        return line.toString();
    }

    private static String shown(@Nullable Object value) {
        if (value == null) {
            return "(default)";
        }
        if (value instanceof Map<?, ?> map) {
            return String.valueOf(masked(map));
        }
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        }
        if (value instanceof Collection<?> || value instanceof URI) {
            return withoutUserInfo(value.toString());
        }
        return value.toString();
    }

    /** Client properties with what must not be seen replaced. */
    public static Map<String, String> masked(Map<?, ?> properties) {
        Map<String, String> masked = new LinkedHashMap<>();
        properties.forEach((key, value) -> {
            String name = String.valueOf(key);
            masked.put(name, isSecret(name) ? MASK : withoutUserInfo(String.valueOf(value)));
        });
        return masked;
    }

    static boolean isSecret(String name) {
        return SECRET.matcher(name.toLowerCase(Locale.ROOT)).find();
    }

    private static String withoutUserInfo(String text) {
        return text.replaceAll("://[^/@\\s,]+@", "://" + MASK + "@");
    }
}
