package io.github.finetide.deploy.rights;

import io.github.finetide.kafka.TopicSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.kafka.common.resource.PatternType;

/** The topics and users as resources of Strimzi's operators. */
final class Strimzi {
    private static final String API = "kafka.strimzi.io/v1beta2";

    private Strimzi() {}

    static List<String> resources(Listing listing) {
        List<String> lines = new ArrayList<>(List.of(
                "# Put in the name of your Kafka resource for CLUSTER, and how its users prove who they are.",
                "# The trainers' group is configured by the trainers themselves: their user may."));
        listing.specs().forEach(spec -> lines.addAll(topic(listing, spec)));
        for (Role role : Role.values()) {
            lines.addAll(user(listing, role));
        }
        return lines;
    }

    private static List<String> topic(Listing listing, TopicSpec spec) {
        List<String> lines = new ArrayList<>(head("KafkaTopic", spec.name()));
        lines.add("spec:");
        lines.add("  topicName: " + quoted(spec.name()));
        lines.add("  partitions: " + spec.partitions());
        if (listing.replication() > 0) {
            lines.add("  replicas: " + listing.replication());
        }
        lines.add("  config:");
        listing.configs(spec).forEach((key, value) -> lines.add("    " + key + ": " + quoted(value)));
        return lines;
    }

    private static List<String> user(Listing listing, Role role) {
        List<String> lines = new ArrayList<>(head("KafkaUser", listing.principal(role)));
        lines.add("spec:");
        lines.add("  authentication:");
        lines.add("    type: scram-sha-512");
        lines.add("  authorization:");
        lines.add("    type: simple");
        lines.add("    acls:");
        listing.rights(role).forEach(right -> lines.addAll(acl(right)));
        return lines;
    }

    private static List<String> acl(Right right) {
        String operations = right.sortedOperations().stream().map(CamelCase::of).collect(Collectors.joining(", "));
        return List.of(
                "      - resource:",
                "          type: " + CamelCase.small(right.resource().resourceType()),
                "          name: " + quoted(right.resource().name()),
                "          patternType: "
                        + (right.resource().patternType() == PatternType.PREFIXED ? "prefix" : "literal"),
                "        operations: [" + operations + "]");
    }

    private static List<String> head(String kind, String name) {
        return List.of(
                "---",
                "apiVersion: " + API,
                "kind: " + kind,
                "metadata:",
                "  name: " + quoted(resourceName(name)),
                "  labels:",
                "    strimzi.io/cluster: CLUSTER");
    }

    /** Kubernetes allows small letters, digits, '.' and '-' in names; a topic's own name stands beside. */
    private static String resourceName(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-").replaceAll("^[.-]+|[.-]+$", "");
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
