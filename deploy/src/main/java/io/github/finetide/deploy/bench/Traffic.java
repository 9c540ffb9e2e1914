package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.EventTail;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A user of the inference workers: sends requests and times their results. One thread at a time. */
final class Traffic implements AutoCloseable {
    /** Without a result for so long something is broken: a batch of 32 takes seconds on the slowest machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final Producer<byte[], byte[]> producer;
    private final EventTail results;
    private final List<Path> images;
    private final List<String> models;
    private int sent;

    /**
     * Begins to read results.
     *
     * @param images asked for one after the other, again and again
     * @param models asked one after the other, again and again
     */
    Traffic(KafkaSettings kafka, List<Path> images, List<String> models) {
        topic = kafka.topics().classificationRequests();
        // Who waits for an answer does not wait for a second question to send with the first.
        producer = new KafkaSettings(kafka.bootstrapServers(), "", Map.of("linger.ms", "0")).producer("bench");
        results = EventTail.fromNow(kafka, Map.of(kafka.topics().classificationResults(), ClassificationResult.class));
        this.images = images;
        this.models = models;
    }

    /**
     * Asks for many images at once and waits for all results.
     *
     * @param lead results that come before the clock starts
     * @param timed results that it runs for
     * @param rest further ones, so that it stops before the worker runs out of work
     * @return seconds an image
     */
    double secondsAnImage(int lead, int timed, int rest) {
        for (int i = 0; i < lead + timed + rest; i++) {
            send();
        }
        producer.flush();
        List<Long> arrivals = arrivals(lead + timed + rest);
        return (arrivals.get(lead + timed - 1) - arrivals.get(lead - 1)) / 1e9 / timed;
    }

    /** Asks for many images at once and waits for all results. */
    void wave(int count) {
        for (int i = 0; i < count; i++) {
            send();
        }
        arrivals(count);
    }

    /** Asks for one image and waits: seconds from before the request to after the result. */
    double latency() {
        long began = System.nanoTime();
        send();
        return (arrivals(1).get(0) - began) / 1e9;
    }

    /** Waits while nobody has anything to do. */
    static void idle(Duration pause) {
        try {
            TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted");
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // one that is not sent has no result
    private void send() {
        String id = "bench-" + sent;
        Path image = images.get(sent % images.size());
        String model = models.get(sent++ % models.size());
        ClassificationRequest request = new ClassificationRequest(id, image.toUri(), model, null, 5, null);
        producer.send(new ProducerRecord<>(topic, id.getBytes(StandardCharsets.UTF_8), Json.write(request)));
    }

    private List<Long> arrivals(int count) {
        List<Long> arrivals = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (arrivals.size() < count) {
            for (var event : results.poll(POLL)) {
                if (!(event instanceof Classified)) {
                    throw new CommandFailure("a request of the bench was not answered: " + event);
                }
                arrivals.add(System.nanoTime());
                deadline = System.nanoTime() + PATIENCE.toNanos();
            }
            if (System.nanoTime() > deadline) {
                throw new CommandFailure("%d of %d results came, and then none for %d s"
                        .formatted(arrivals.size(), count, PATIENCE.toSeconds()));
            }
        }
        return arrivals;
    }

    @Override
    public void close() {
        results.close();
        producer.close();
    }
}
