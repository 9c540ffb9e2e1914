package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.Replay;
import io.github.finetide.kafka.Replay.Fate;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.KafkaOptions;
import io.github.finetide.options.Verbosity;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends dead letters again. */
@Command(
        name = "replay",
        description = "Sends dead letters again to the topic they came from. A letter that an earlier run sent"
                + " is left out, and so is one that came back too often.")
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TOPIC.dlq", description = "The dead-letter topic.")
    private String topic;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Only letters of this error kind, for example unavailable; repeatable.")
    private Set<String> kinds = new LinkedHashSet<>();

    @Option(names = "--dry-run", description = "Only show what would be sent.")
    private boolean dryRun;

    @Option(names = "--rate", paramLabel = "N", description = "Letters a second at most (default: ${DEFAULT-VALUE}).")
    private double rate = 100;

    @Option(
            names = "--max-replays",
            paramLabel = "N",
            description = "Leave letters that were replayed this often (default: ${DEFAULT-VALUE}).")
    private int maxReplays = 3;

    @Option(names = "--again", description = "Also send letters that an earlier run has sent.")
    private boolean again;

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Spec
    private CommandSpec spec;

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() {
        checkOptions();
        KafkaSettings settings = kafka.reachable();
        Replay.Options options = new Replay.Options(kinds, rate, maxReplays, again, dryRun);
        Map<Fate, Integer> counts = new Replay(settings, fullName(settings), options).run(this::show);
        conclude(counts);
        return 0;
    }

    private String fullName(KafkaSettings settings) {
        return topic.startsWith(settings.topicPrefix()) ? topic : settings.topicPrefix() + topic;
    }

    /** What the options' types do not say is wrong usage all the same. */
    private void checkOptions() {
        List<String> known =
                Arrays.stream(ErrorKind.values()).map(ErrorKind::wire).sorted().toList();
        kinds.forEach(kind -> require(known.contains(kind), "--kind", kind, String.join(", ", known)));
        require(rate > 0, "--rate", Double.toString(rate), "above 0");
        require(maxReplays >= 1, "--max-replays", Integer.toString(maxReplays), "at least 1");
    }

    private void require(boolean ok, String option, String value, String allowed) {
        if (!ok) {
            throw new ParameterException(
                    spec.commandLine(), "%s: %s is not allowed; allowed: %s".formatted(option, value, allowed));
        }
    }

    private void show(Replay.Letter letter) {
        if (!dryRun && letter.fate() != Fate.REPLAYED_TOO_OFTEN && letter.fate() != Fate.INCOMPLETE) {
            return;
        }
        byte[] key = letter.record().key();
        screen.line(
                "%-18s offset %d, key %s, %s, replayed %d times",
                letter.fate() == Fate.REPLAYED ? "would be sent" : words(letter.fate()),
                letter.record().offset(),
                key == null ? "none" : new String(key, StandardCharsets.UTF_8),
                letter.kind(),
                letter.replays());
    }

    private void conclude(Map<Fate, Integer> counts) {
        String left = Arrays.stream(Fate.values())
                .filter(fate -> fate != Fate.REPLAYED && counts.containsKey(fate))
                .map(fate -> ", %d left (%s)".formatted(counts.get(fate), words(fate)))
                .collect(Collectors.joining());
        screen.line("%d %s%s", counts.getOrDefault(Fate.REPLAYED, 0), dryRun ? "would be sent" : "sent", left);
    }

    private static String words(Fate fate) {
        return switch (fate) {
            case REPLAYED -> "sent";
            case OTHER_KIND -> "other kind";
            case REPLAYED_BEFORE -> "sent before";
            case REPLAYED_TOO_OFTEN -> "came back too often";
            case INCOMPLETE -> "cut, see its place";
        };
    }
}
