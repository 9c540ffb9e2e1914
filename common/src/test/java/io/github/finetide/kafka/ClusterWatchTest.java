package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;

class ClusterWatchTest {
    /** Nobody listens on the port of tcpmux. */
    private static final String NOBODY = "127.0.0.1:1";

    @Test
    void clusterThatIsAwayIsAProblemAndNoError() {
        KafkaSettings kafka = new KafkaSettings(NOBODY, "", Map.of());
        try (Admin admin = kafka.admin("watch")) {
            ClusterWatch watch = new ClusterWatch(
                    kafka,
                    admin,
                    List.of(ClusterWatch.Need.toRead("model.releases")),
                    () -> null,
                    Duration.ofMillis(200));
            assertThat(watch.lastSeen()).contains("has not answered yet");

            watch.look();

            assertThat(watch.lastSeen()).isEqualTo("no Kafka broker answers at " + NOBODY);
        }
    }
}
