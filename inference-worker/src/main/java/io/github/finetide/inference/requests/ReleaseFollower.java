package io.github.finetide.inference.requests;

import io.github.finetide.inference.model.ModelCatalog;
import io.github.finetide.inference.model.ModelVersions;
import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes releases on to the catalogue: at the start the newest of each model and those that requests may pin, then every
 * release as it comes.
 */
public final class ReleaseFollower implements Runnable, TopicView.Listener<ModelRelease> {
    private static final Duration ROUND = Duration.ofMillis(500);

    private static final Duration CATCH_UP_ROUND = Duration.ofSeconds(10);

    /** After an error that the client did not mend itself, as a right or a topic that is missing. */
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(ReleaseFollower.class);

    private final Consumer<byte[], byte[]> reader;
    private final String topic;
    private final Supplier<String> topicIds;
    private final Set<String> wanted;
    private final ModelCatalog catalog;
    /** Releases of before this worker, newest last, by model; null once they are passed on. */
    private @Nullable Map<String, Deque<ModelRelease>> history = new LinkedHashMap<>();

    /** Of before this worker, by model. */
    private final Map<String, ModelRelease> earlierShadows = new LinkedHashMap<>();

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean caughtUp;
    private volatile @Nullable String problem;

    /**
     * @param topicIds asks Kafka for the topic's id
     * @param wanted models to serve; empty: all
     */
    public ReleaseFollower(
            Consumer<byte[], byte[]> reader,
            String topic,
            Supplier<String> topicIds,
            Set<String> wanted,
            ModelCatalog catalog) {
        this.topicIds = topicIds;
        this.reader = reader;
        this.topic = topic;
        this.wanted = wanted;
        this.catalog = catalog;
    }

    @Override
    public void run() {
        try (TopicView<ModelRelease> view = new TopicView<>(reader, topic, topicIds, ReleaseFollower::decode, this)) {
            while (stopped.getCount() > 0) {
                roundOrPause(view);
            }
        } catch (WakeupException stop) {
            log.debug("Woken up to stop");
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void roundOrPause(TopicView<ModelRelease> view) throws InterruptedException {
        try {
            round(view);
            problem = null;
        } catch (WakeupException stop) {
            throw stop;
        } catch (KafkaException why) {
            String reason = topic + " cannot be read: " + KafkaFaults.text(why);
            if (!reason.equals(problem)) {
                log.atWarn().addKeyValue("reason", reason).log("Releases are not followed now");
            }
            problem = reason;
            boolean unused = stopped.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void round(TopicView<ModelRelease> view) {
        if (caughtUp) {
            view.poll(ROUND);
            return;
        }
        view.catchUp(CATCH_UP_ROUND);
        passHistoryOn();
        caughtUp = true;
    }

    /** Whether the catalogue knows all that was released before this worker started. */
    public boolean isCaughtUp() {
        return caughtUp;
    }

    /** Why releases are not followed now, in one sentence; null where they are. */
    public @Nullable String problem() {
        String why = problem;
        return why == null && !caughtUp ? topic + " is not read to its end yet" : why;
    }

    public void stop() {
        stopped.countDown();
        reader.wakeup();
    }

    private void passHistoryOn() {
        Map<String, Deque<ModelRelease>> collected = history;
        history = null;
        if (collected == null) {
            return;
        }
        for (Deque<ModelRelease> releases : collected.values()) {
            ModelRelease newest = releases.removeLast();
            while (!releases.isEmpty()) {
                catalog.remember(releases.removeLast());
            }
            catalog.released(newest);
        }
        earlierShadows.values().forEach(catalog::shadowed);
        earlierShadows.clear();
    }

    @Override
    public void changed(String key, @Nullable ModelRelease release, ConsumerRecord<byte[], byte[]> record) {
        String model = release == null ? ModelRelease.shadowOf(key).orElse(key) : release.model();
        if (!wanted.isEmpty() && !wanted.contains(model)) {
            return;
        }
        Map<String, Deque<ModelRelease>> collecting = history;
        Optional<String> shadowed = ModelRelease.shadowOf(key);
        if (shadowed.isPresent()) {
            shadow(shadowed.get(), release, collecting != null);
        } else if (collecting != null) {
            collect(collecting, model, release);
        } else if (release == null) {
            catalog.withdrawn(model);
        } else {
            catalog.released(release);
        }
    }

    private void shadow(String model, @Nullable ModelRelease release, boolean early) {
        if (release != null && !release.model().equals(model)) {
            log.atWarn()
                    .addKeyValue("key", ModelRelease.shadowKey(model))
                    .addKeyValue("model", release.model())
                    .log("not a release of the model that its key names");
        } else if (release == null) {
            earlierShadows.remove(model);
            catalog.shadows().ended(model);
        } else if (early) {
            earlierShadows.put(model, release);
        } else {
            catalog.shadowed(release);
        }
    }

    @Override
    public void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
        log.atWarn()
                .addKeyValue("topic", record.topic())
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", why.getMessage())
                .log("Record is not a release: ignored");
    }

    private static void collect(
            Map<String, Deque<ModelRelease>> collecting, String model, @Nullable ModelRelease release) {
        if (release == null) {
            collecting.remove(model);
            return;
        }
        Deque<ModelRelease> releases = collecting.computeIfAbsent(model, name -> new ArrayDeque<>());
        releases.removeIf(other -> other.version().equals(release.version()));
        releases.addLast(release);
        if (releases.size() > ModelVersions.KEPT) {
            releases.removeFirst();
        }
    }

    private static ModelRelease decode(ConsumerRecord<byte[], byte[]> record) {
        return Json.read(record.value(), ModelRelease.class);
    }
}
