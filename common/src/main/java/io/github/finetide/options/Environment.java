package io.github.finetide.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Gives each option its environment variable: {@code --http-port} is {@code FINETIDE_HTTP_PORT}. The command line
 * comes before the environment, and the environment before the default. A repeatable option's values are separated by
 * commas in its variable. An empty variable counts as none.
 */
final class Environment implements IDefaultValueProvider {
    static final String PREFIX = "FINETIDE_";

    /** Not the commas in double quotes, as in JAAS settings. */
    private static final String QUOTED_ASIDE = ",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)";

    private static final Pattern COMMA = Pattern.compile(QUOTED_ASIDE);
    /** Values of client properties may hold commas: only one before another KEY= separates. */
    private static final Pattern COMMA_BEFORE_KEY = Pattern.compile(QUOTED_ASIDE + "(?=\\s*[a-z][a-z0-9._-]*=)");

    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        return argument instanceof OptionSpec option ? value(option).orElse(null) : null;
    }

    private Optional<String> value(OptionSpec option) {
        return Optional.ofNullable(variables.get(variable(option)))
                .filter(value -> !value.isEmpty())
                .map(value -> option.isMultiValue() ? separated(option, value) : value);
    }

    private static String separated(OptionSpec option, String value) {
        Pattern separator = Map.class.isAssignableFrom(option.type()) ? COMMA_BEFORE_KEY : COMMA;
        List<String> values = new ArrayList<>();
        for (String part : separator.split(value, -1)) {
            if (!part.isBlank()) {
                values.add(part.strip());
            }
        }
        return String.join(CommandLines.SEPARATOR, values);
    }

    /** The variable of an option, named after its longest name. */
    static String variable(OptionSpec option) {
        String name = option.longestName().replaceFirst("^-+", "");
        return PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
    }

    /** Whether an option that was not on the command line has its value from here. */
    boolean provides(OptionSpec option) {
        return value(option).isPresent();
    }

    /** Variables with our prefix that no option of the command, or of a command around or below it, has. */
    Set<String> unknown(CommandLine any) {
        Set<String> unknown = new TreeSet<>();
        for (String variable : variables.keySet()) {
            if (variable.startsWith(PREFIX)) {
                unknown.add(variable);
            }
        }
        unknown.removeAll(known(root(any)));
        return unknown;
    }

    private static CommandLine root(CommandLine line) {
        CommandLine root = line;
        while (root.getParent() != null) {
            root = root.getParent();
        }
        return root;
    }

    private static Set<String> known(CommandLine line) {
        Set<String> known = new TreeSet<>();
        CommandSpec spec = line.getCommandSpec();
        spec.options().forEach(option -> known.add(variable(option)));
        line.getSubcommands().values().forEach(below -> known.addAll(known(below)));
        return known;
    }
}
