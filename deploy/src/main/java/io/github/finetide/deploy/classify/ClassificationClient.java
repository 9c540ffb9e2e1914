package io.github.finetide.deploy.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.EventTail;
import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.Event;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Sends requests and receives their results. An image that the workers cannot read is sent again in the request. */
public final class ClassificationClient implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    /** A request as it was asked for, and its one result. */
    public record RequestWithResult(ClassificationRequest request, ClassificationResult result) {}

    /**
     * A request under way.
     *
     * @param asked as the user asked it
     * @param sent as it was sent, perhaps with the image in it
     * @param bytes of the message
     */
    private record Sent(ClassificationRequest asked, ClassificationRequest sent, long bytes) {}

    private final EventTail results;
    private final Closing<Producer<byte[], byte[]>> producer;
    private final String topic;
    private final InlineFallback fallback;
    private final Map<String, Sent> underWay = new HashMap<>();
    private final AtomicReference<@Nullable Exception> refusal = new AtomicReference<>();
    private long bytesUnderWay;

    private ClassificationClient(
            EventTail results, Closing<Producer<byte[], byte[]>> producer, String topic, InlineFallback fallback) {
        this.results = results;
        this.producer = producer;
        this.topic = topic;
        this.fallback = fallback;
    }

    /**
     * A client that sees every result from now on.
     *
     * @param notes receives a line where images go another way than asked
     */
    public static ClassificationClient open(KafkaSettings kafka, Consumer<String> notes) {
        EventTail results =
                EventTail.fromNow(kafka, Map.of(kafka.topics().classificationResults(), ClassificationResult.class));
        String topic = kafka.topics().classificationRequests();
        return new ClassificationClient(
                results, Closing.of(kafka.producer("finetide")), topic, new InlineFallback(notes));
    }

    /**
     * Sends the requests and waits until each has its result, or the limit is over.
     *
     * @param seen receives each result as it comes
     * @return the results that came, by request
     */
    public Map<String, ClassificationResult> classify(
            List<ClassificationRequest> requests, Duration limit, Consumer<RequestWithResult> seen) {
        Map<String, ClassificationResult> came = new LinkedHashMap<>();
        requests.forEach(this::send);
        Instant end = Instant.now().plus(limit);
        while (underWay() > 0 && Instant.now().isBefore(end)) {
            poll().forEach(answered -> {
                came.put(answered.request().requestId(), answered.result());
                seen.accept(answered);
            });
        }
        return came;
    }

    void send(ClassificationRequest request) {
        send(request, fallback.before(request));
    }

    /** Returns the results that have come, or come within a moment. */
    List<RequestWithResult> poll() {
        Exception refused = refusal.get();
        if (refused != null) {
            throw new CommandFailure(
                    "Kafka did not take the message for %s: %s".formatted(topic, KafkaFaults.text(refused)));
        }
        List<RequestWithResult> answered = new ArrayList<>();
        for (Event event : results.poll(POLL)) {
            if (event instanceof ClassificationResult result) {
                taken(result).ifPresent(answered::add);
            }
        }
        return answered;
    }

    int underWay() {
        return underWay.size();
    }

    long bytesUnderWay() {
        return bytesUnderWay;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of it
    private void send(ClassificationRequest asked, ClassificationRequest sent) {
        byte[] key = sent.requestId().getBytes(UTF_8);
        byte[] value = Json.write(sent);
        underWay.put(sent.requestId(), new Sent(asked, sent, value.length));
        bytesUnderWay += value.length;
        producer.client().send(new ProducerRecord<>(topic, key, value), (done, failed) -> {
            if (failed != null) {
                refusal.compareAndSet(null, failed);
            }
        });
    }

    private Optional<RequestWithResult> taken(ClassificationResult result) {
        Sent request = underWay.remove(result.requestId());
        if (request == null) { // another user's
            return Optional.empty();
        }
        bytesUnderWay -= request.bytes();
        Optional<ClassificationRequest> inline = fallback.after(request.sent(), result);
        inline.ifPresent(again -> send(request.asked(), again));
        return inline.isPresent() ? Optional.empty() : Optional.of(new RequestWithResult(request.asked(), result));
    }

    @Override
    public void close() {
        producer.close();
        results.close();
    }
}
