package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Keeps a {@link StatusView} of the status topic; used by the job's thread. */
final class StatusReader implements StatusView.Source, AutoCloseable {
    private final TopicView<JobStatus> view;
    private final StatusView statuses;
    private final Admin admin;
    private final Duration limit;

    /**
     * A reader of the topic from its beginning.
     *
     * @param limit how long reading to the end may take
     */
    StatusReader(KafkaSettings kafka, Admin admin, String clientId, Duration limit) {
        this.admin = admin;
        this.limit = limit;
        statuses = new StatusView(this::again);
        view = new TopicView<>(
                kafka.reader(clientId),
                kafka.topics().trainingStatus(),
                () -> TopicAdmin.id(admin, kafka.topics().trainingStatus()),
                record -> Json.read(record.value(), JobStatus.class),
                new Listener(statuses));
    }

    /**
     * Everything that any owner published before this was called. An open transaction of another job, whose trainer is dead or paused, must not hide what was published behind it: an epoch would be published twice.
     */
    @Override
    public StatusView current() {
        view.catchUp(admin, limit);
        return statuses;
    }

    @Override
    public StatusView glance() {
        view.catchUp(limit);
        return statuses;
    }

    private Optional<JobStatus> again(long offset) {
        return view.again(offset, limit);
    }

    @Override
    public void close() {
        view.close();
    }

    private record Listener(StatusView statuses) implements TopicView.Listener<JobStatus> {
        @Override
        public void changed(String key, @Nullable JobStatus status, ConsumerRecord<byte[], byte[]> record) {
            if (status == null) {
                statuses.forget(key);
            } else {
                statuses.add(status, record.offset());
            }
        }
    }
}
