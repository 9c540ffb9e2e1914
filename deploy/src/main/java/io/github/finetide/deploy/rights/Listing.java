package io.github.finetide.deploy.rights;

import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.TopicSpec;
import io.github.finetide.kafka.Topics;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What is to be printed: topics, and who may do what.
 *
 * @param topics of one deployment
 * @param replication copies of each partition; 0: what the brokers say
 * @param principals the name of each role as the cluster knows it, without {@code User:}
 */
public record Listing(Topics topics, int replication, Map<Role, String> principals) {
    /** With this many copies one can fail while two still confirm every write. */
    private static final int COPIES_FOR_TWO_IN_SYNC = 3;

    public Listing {
        Map<Role, String> complete = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            complete.put(role, principals.getOrDefault(role, "finetide-" + role.wireName()));
        }
        principals = Map.copyOf(complete);
    }

    String principal(Role role) {
        return principals.getOrDefault(role, role.wireName());
    }

    List<Right> rights(Role role) {
        return role.rights(topics);
    }

    List<TopicSpec> specs() {
        return topics.specs();
    }

    /** A topic's settings by name, with the copies that must confirm a write where there are enough of them. */
    Map<String, String> configs(TopicSpec spec) {
        Map<String, String> configs = new TreeMap<>(spec.configs());
        if (replication >= COPIES_FOR_TWO_IN_SYNC) {
            configs.put("min.insync.replicas", "2");
        }
        return configs;
    }

    Map<String, String> trainerGroupSettings() {
        return GroupAdmin.trainerGroupSettings(GroupAdmin.RECORD_LOCK);
    }
}
