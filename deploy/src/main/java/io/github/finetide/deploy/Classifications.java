package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Sends images to be classified and collects their results. */
final class Classifications {
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaSettings kafka;

    Classifications(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    /**
     * Sends the requests and waits until each has a result, or the limit is over.
     *
     * @param seen told of each result as it comes
     * @return every result that came, by request, in the order of the requests; a second result of a
     *     request would be there too
     */
    Map<String, List<ClassificationResult>> classify(
            List<ClassificationRequest> requests, Duration limit, Consumer<ClassificationResult> seen) {
        Map<String, List<ClassificationResult>> results = new LinkedHashMap<>();
        requests.forEach(request -> results.put(request.requestId(), new ArrayList<>()));
        Set<String> open = new HashSet<>(results.keySet());
        String topic = kafka.topics().classificationResults();
        try (EventTail tail = EventTail.fromNow(kafka, Map.of(topic, ClassificationResult.class))) {
            send(requests);
            Instant end = Instant.now().plus(limit);
            while (!open.isEmpty() && Instant.now().isBefore(end)) {
                collect(tail, results, open, seen);
            }
            collect(tail, results, open, seen);
        }
        return results;
    }

    private static void collect(
            EventTail tail,
            Map<String, List<ClassificationResult>> results,
            Set<String> open,
            Consumer<ClassificationResult> seen) {
        for (var event : tail.poll(POLL)) {
            if (event instanceof ClassificationResult result && results.containsKey(result.requestId())) {
                results.get(result.requestId()).add(result);
                open.remove(result.requestId());
                seen.accept(result);
            }
        }
    }

    private void send(List<ClassificationRequest> requests) {
        Map<String, byte[]> messages = new LinkedHashMap<>();
        requests.forEach(request -> messages.put(request.requestId(), Json.write(request)));
        Messages.send(kafka, kafka.topics().classificationRequests(), messages);
    }
}
