package io.github.finetide.inference.requests;

import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** A result as Kafka records: under the request's key, with its headers passed on. */
public final class ResultRecords {
    /** What a topic takes by default, 1 MiB with the overhead of a batch, less some room for that. */
    private static final int MAX_RESULT_BYTES = 1_000_000;

    private final String results;
    private final String worker;

    public ResultRecords(String resultsTopic, String worker) {
        this.results = resultsTopic;
        this.worker = worker;
    }

    /** The result and, where somebody should look at the request, its dead letter. */
    List<OutgoingRecord> of(RequestResult result) {
        List<OutgoingRecord> records = new ArrayList<>();
        ClassificationResult event = result.result();
        FaultException fault = result.fault();
        if (event != null) {
            fitting(result, event).ifPresent(records::add);
        }
        if (fault != null && result.isDeadLetter()) {
            records.add(letter(result, fault));
        } else if (event != null && records.isEmpty()) {
            records.add(letter(result, tooLarge()));
        }
        return records;
    }

    private static OutgoingRecord letter(RequestResult result, FaultException why) {
        ProducerRecord<byte[], byte[]> letter =
                DeadLetters.of(result.place().record(), result.place().ledger().topicId(), why, result.attempts());
        return OutgoingRecord.letter(letter, DeadLetters.brief(letter));
    }

    /**
     * The topic would refuse a larger one again and again: the requester gets {@code too_large} instead. None where the
     * key alone is too large to publish anything under it.
     */
    private Optional<OutgoingRecord> fitting(RequestResult result, ClassificationResult event) {
        ProducerRecord<byte[], byte[]> whole =
                record(result, event, result.place().record().headers());
        ProducerRecord<byte[], byte[]> brief = record(result, tooLarge(event), null);
        if (OutgoingRecord.bytes(whole) <= MAX_RESULT_BYTES) {
            return Optional.of(OutgoingRecord.result(whole, brief));
        }
        return Optional.of(OutgoingRecord.result(brief, null)).filter(record -> record.bytes() <= MAX_RESULT_BYTES);
    }

    private ProducerRecord<byte[], byte[]> record(
            RequestResult result, ClassificationResult event, @Nullable Headers cause) {
        return EventRecords.of(results, result.place().record().key(), event, worker, cause);
    }

    private static ClassificationResult tooLarge(ClassificationResult result) {
        if (result instanceof ClassificationResult.Classified large) {
            return new ClassificationResult.Rejected(
                    large.requestId(),
                    null,
                    large.model(),
                    large.version(),
                    tooLarge().detail(),
                    large.worker(),
                    large.at(),
                    large.timings());
        }
        ClassificationResult.Rejected large = (ClassificationResult.Rejected) result;
        return new ClassificationResult.Rejected(
                large.requestId(), null, null, null, tooLarge().detail(), large.worker(), large.at(), large.timings());
    }

    private static FaultException tooLarge() {
        return new FaultException(
                ErrorKind.TOO_LARGE,
                "the result with its key and headers has more than " + MAX_RESULT_BYTES
                        + " bytes; ask for a smaller topK, or use a shorter key");
    }
}
