package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.kafka.TopicView;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Reads which records of a topic have a dead letter. */
final class DeadLetteredRecords implements TopicView.Listener<Boolean> {
    private final Set<StatusView.Place> places = new HashSet<>();

    private DeadLetteredRecords() {}

    /**
     * Returns the places of those records.
     *
     * @param consumer for this; closed
     * @param deadLetters their topic, read from its beginning to its end; a transaction that is still open is waited for
     * @throws org.apache.kafka.common.KafkaException if that takes longer than the limit
     */
    static Set<StatusView.Place> places(
            Consumer<byte[], byte[]> consumer, Admin admin, String deadLetters, Duration limit) {
        DeadLetteredRecords answered = new DeadLetteredRecords();
        try (TopicView<Boolean> view = new TopicView<>(consumer, deadLetters, letter -> true, answered)) {
            view.catchUp(admin, limit);
        }
        return answered.places;
    }

    @Override
    public void changed(String key, @Nullable Boolean there, ConsumerRecord<byte[], byte[]> letter) {
        DeadLetters.offset(letter)
                .ifPresent(offset -> places.add(new StatusView.Place(DeadLetters.topicId(letter), offset)));
    }
}
