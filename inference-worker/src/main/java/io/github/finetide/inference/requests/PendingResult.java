package io.github.finetide.inference.requests;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.ProducerRecord;

/** A result that is not committed yet: what is still to be sent of it. For the {@link Publisher}'s lock alone. */
final class PendingResult {
    private final RequestResult result;
    private final List<OutgoingRecord> records;
    private boolean alone;

    PendingResult(RequestResult result, List<OutgoingRecord> records) {
        this.result = result;
        this.records = new ArrayList<>(records);
    }

    RequestResult result() {
        return result;
    }

    RequestPlace place() {
        return result.place();
    }

    List<OutgoingRecord> records() {
        return records;
    }

    long bytes() {
        return records.stream().mapToLong(OutgoingRecord::bytes).sum();
    }

    Set<String> topics() {
        return records.stream().map(OutgoingRecord::topic).collect(Collectors.toSet());
    }

    /** Whether it goes in a transaction of its own, since it may be what failed one with others. */
    boolean goesAlone() {
        return alone;
    }

    void goAlone() {
        alone = true;
    }

    /** A topic refuses a record: the brief one takes its place; false if it was that. */
    boolean shorten(OutgoingRecord refused) {
        ProducerRecord<byte[], byte[]> brief = refused.brief();
        if (brief == null || OutgoingRecord.bytes(brief) >= refused.bytes()) {
            return false;
        }
        records.set(records.indexOf(refused), new OutgoingRecord(brief, null, refused.isLetter()));
        return true;
    }

    void giveUp(OutgoingRecord record) {
        records.remove(record);
    }

    /** Another worker answers, or this one once more. */
    void drop() {
        place().slot().leave();
    }

    static long bytes(List<PendingResult> results) {
        return results.stream().mapToLong(PendingResult::bytes).sum();
    }
}
