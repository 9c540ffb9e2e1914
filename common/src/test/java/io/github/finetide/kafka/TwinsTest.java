package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.MemberAssignment;
import org.apache.kafka.clients.admin.MemberDescription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TwinsTest {
    private static final MemberDescription ONE = member("worker-requests", "/10.0.0.1");
    private static final MemberDescription TWIN = member("worker-requests", "/10.0.0.2");
    private static final MemberDescription OTHER = member("other-requests", "/10.0.0.3");

    private final Admin admin = new KafkaSettings("127.0.0.1:1", "", Map.of()).admin("test");
    private Instant now = Instant.EPOCH;
    private final Twins twins = new Twins(admin, "inference-workers", "worker-requests", () -> now);

    @AfterEach
    void close() {
        admin.close();
    }

    @Test
    void workersOfDifferentIdsAreNoTwins() {
        assertThat(judgeAfter(List.of(ONE, OTHER))).isNull();
        assertThat(judgeAfter(List.of(ONE, OTHER))).isNull();
    }

    @Test
    void twoOfOneIdAreNamedWithTheirHosts() {
        assertThat(judgeAfter(List.of(ONE, OTHER, TWIN))).isNull();
        assertThat(judgeAfter(List.of(ONE, OTHER, TWIN)))
                .isEqualTo("2 workers of this id are in the group inference-workers, at [/10.0.0.1, /10.0.0.2];"
                        + " give each a --worker-id of its own");
    }

    @Test
    void whatAKilledWorkerLeftIsNoTwin() {
        assertThat(judgeAfter(List.of(ONE, TWIN))).isNull();
        assertThat(judgeAfter(List.of(ONE))).isNull();
        assertThat(judgeAfter(List.of(ONE, TWIN))).isNull();
    }

    private @Nullable String judgeAfter(List<MemberDescription> members) {
        now = now.plus(Twins.LIMIT);
        return twins.judge(members);
    }

    private static MemberDescription member(String clientId, String host) {
        return new MemberDescription(
                "id",
                Optional.empty(),
                Optional.empty(),
                clientId,
                host,
                new MemberAssignment(Set.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
