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

/** Reads which records of a topic have a dead letter; a transaction that is still open is waited for. */
final class DeadLetteredRecords implements TopicView.Listener<Boolean>, TopicRefusals.Letters {
    private final Set<StatusView.Place> places = new HashSet<>();
    private final TopicView<Boolean> view;
    private final Admin admin;
    private final Duration limit;

    /**
     * @param consumer for this; closed with it
     * @param deadLetters their topic
     * @param limit how long reading to the end may take
     */
    DeadLetteredRecords(Consumer<byte[], byte[]> consumer, Admin admin, String deadLetters, Duration limit) {
        this.admin = admin;
        this.limit = limit;
        view = new TopicView<>(consumer, deadLetters, letter -> true, this);
    }

    /** Throws KafkaException where that takes too long. */
    @Override
    public Set<StatusView.Place> places() {
        view.catchUp(admin, limit);
        return places;
    }

    @Override
    public void changed(String key, @Nullable Boolean there, ConsumerRecord<byte[], byte[]> letter) {
        DeadLetters.offset(letter)
                .ifPresent(offset -> places.add(new StatusView.Place(DeadLetters.topicId(letter), offset)));
    }

    @Override
    public void close() {
        view.close();
    }
}
