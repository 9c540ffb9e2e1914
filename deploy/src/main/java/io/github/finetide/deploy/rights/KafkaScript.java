package io.github.finetide.deploy.rights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourceType;

/** Lines for a shell that has Kafka's own tools; the cluster stands in two variables at the top. */
final class KafkaScript {
    private static final List<String> HEAD = List.of(
            "#!/bin/sh",
            "# Needs Kafka's tools on the PATH, and the address and client settings of an administrator.",
            "set -eu",
            ": \"${BOOTSTRAP:=localhost:9092}\" \"${CONFIG:=admin.properties}\"");

    private KafkaScript() {}

    static List<String> acls(Listing listing) {
        List<String> lines = new ArrayList<>(HEAD);
        for (Role role : Role.values()) {
            lines.add("");
            lines.add("# " + role.wireName());
            for (Right right : listing.rights(role)) {
                lines.add(acl(listing.principal(role), right));
            }
        }
        return lines;
    }

    static List<String> topics(Listing listing) {
        List<String> lines = new ArrayList<>(HEAD);
        lines.add("");
        listing.specs()
                .forEach(spec ->
                        lines.add(("kafka-topics --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\""
                                        + " --create --if-not-exists --topic %s --partitions %d%s%s")
                                .formatted(
                                        quoted(spec.name()),
                                        spec.partitions(),
                                        listing.replication() > 0
                                                ? " --replication-factor " + listing.replication()
                                                : "",
                                        listing.configs(spec).entrySet().stream()
                                                .map(config -> " --config " + config.getKey() + "=" + config.getValue())
                                                .collect(Collectors.joining()))));
        lines.add("");
        lines.add("# Before the first trainer joins: jobs sent earlier would be skipped.");
        lines.add(("kafka-configs --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\""
                        + " --alter --entity-type groups --entity-name %s --add-config %s")
                .formatted(quoted(listing.topics().trainerGroup()), joined(listing.trainerGroupSettings())));
        return lines;
    }

    private static String acl(String principal, Right right) {
        return ("kafka-acls --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\""
                        + " --add --allow-principal %s%s %s %s%s")
                .formatted(
                        quoted("User:" + principal),
                        right.sortedOperations().stream()
                                .map(operation -> " --operation " + CamelCase.of(operation))
                                .collect(Collectors.joining()),
                        option(right.resource().resourceType()),
                        quoted(right.resource().name()),
                        right.resource().patternType() == PatternType.PREFIXED
                                ? " --resource-pattern-type prefixed"
                                : "");
    }

    private static String option(ResourceType type) {
        return switch (type) {
            case TOPIC -> "--topic";
            case GROUP -> "--group";
            case TRANSACTIONAL_ID -> "--transactional-id";
            default -> throw new IllegalArgumentException("no role has rights on " + type);
        };
    }

    private static String joined(Map<String, String> settings) {
        return settings.entrySet().stream()
                .map(setting -> setting.getKey() + "=" + setting.getValue())
                .collect(Collectors.joining(","));
    }

    /** For a shell; a principal such as a certificate's name may hold blanks, commas and quotes. */
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
