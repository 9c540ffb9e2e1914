package io.github.finetide.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.TopicAdmin;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EmbeddedKafkaIT {
    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @Test
    void topicsJustCreatedAreAsExpected() {
        try (Admin admin = kafka.settings().admin("test")) {
            TopicAdmin.Report again = TopicAdmin.ensure(admin, kafka.topics(), (short) 1);

            assertThat(again.created()).isEmpty();
            assertThat(again.differences()).isEmpty();
        }
    }
}
