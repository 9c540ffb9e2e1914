package io.github.finetide.kafka;

import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ModelWeights;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What models are released as, and were as far as the compacted topic remembers; read anew each time it is asked for. */
public final class ReleasedModels {
    private final KafkaSettings kafka;
    private final Admin admin;
    private final String clientId;
    private final Duration limit;

    /** @param limit how long reading the topic to its end may take */
    public ReleasedModels(KafkaSettings kafka, Admin admin, String clientId, Duration limit) {
        this.kafka = kafka;
        this.admin = admin;
        this.clientId = clientId;
        this.limit = limit;
    }

    /**
     * Finds a model's release; of a version, the newest.
     *
     * @throws org.apache.kafka.common.KafkaException where the topic cannot be read
     */
    public Optional<ModelRelease> find(ModelWeights named) {
        Releases releases = new Releases(named.model());
        try (TopicView<ModelRelease> view = new TopicView<>(
                kafka.reader(clientId, 1),
                kafka.topics().modelReleases(),
                record -> Json.read(record.value(), ModelRelease.class),
                releases)) {
            view.catchUp(admin, limit);
            return Optional.ofNullable(
                    named.version() == null ? releases.current : releases.versions.get(named.version()));
        }
    }

    /** All versions of a model, withdrawn ones too: who names one means it. */
    private static final class Releases implements TopicView.Listener<ModelRelease> {
        private final String model;
        private final Map<String, ModelRelease> versions = new HashMap<>();
        private @Nullable ModelRelease current;

        Releases(String model) {
            this.model = model;
        }

        @Override
        public void changed(String key, @Nullable ModelRelease release, ConsumerRecord<byte[], byte[]> record) {
            if (release == null && key.equals(model)) {
                current = null;
            } else if (release != null
                    && release.model().equals(model)
                    && ModelRelease.shadowOf(key).isEmpty()) {
                current = release;
                versions.put(release.version(), release);
            }
        }
    }
}
