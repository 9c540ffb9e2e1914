package io.github.finetide.kafka;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeConsumerGroupsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.jspecify.annotations.Nullable;

/**
 * Finds two workers of one id by the members of their group. Each would end the other's transactions for ever: in
 * containers on the host's network all have one host name, and process id 1.
 */
public final class Twins {
    /** What a killed worker of this id left in the group is gone by then (45 s). */
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private final Admin admin;
    private final String group;
    private final String clientId;
    private final InstantSource clock;
    private @Nullable Instant since;

    /** @param clientId of the worker's member in the group */
    public Twins(Admin admin, String group, String clientId, InstantSource clock) {
        this.admin = admin;
        this.group = group;
        this.clientId = clientId;
        this.clock = clock;
    }

    /** Asks the group; returns what to change, in one sentence, where there are twins. */
    public @Nullable String problem() {
        try {
            return judge(members());
        } catch (FaultException why) {
            if (why.getCause() instanceof GroupIdNotFoundException) {
                return null;
            }
            throw why;
        }
    }

    private Collection<MemberDescription> members() {
        var options = new DescribeConsumerGroupsOptions().timeoutMs((int) ANSWER_LIMIT.toMillis());
        var answer = admin.describeConsumerGroups(List.of(group), options)
                .describedGroups()
                .get(group);
        return Answers.of(Objects.requireNonNull(answer), "describe the group " + group, ANSWER_LIMIT.multipliedBy(2))
                .members();
    }

    @Nullable String judge(Collection<MemberDescription> members) {
        List<String> hosts = members.stream()
                .filter(member -> member.clientId().equals(clientId))
                .map(MemberDescription::host)
                .sorted()
                .toList();
        if (hosts.size() < 2) {
            since = null;
            return null;
        }
        Instant first = since == null ? clock.instant() : since;
        since = first;
        return clock.instant().isBefore(first.plus(LIMIT))
                ? null
                : "%d workers of this id are in the group %s, at %s; give each a --worker-id of its own"
                        .formatted(hosts.size(), group, hosts);
    }
}
