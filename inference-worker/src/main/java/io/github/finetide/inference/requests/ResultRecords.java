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
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** An answer as the contract writes it: under the request's key, with its headers passed on. */
public final class ResultRecords implements ResultRecordFactory {
    /** What a topic takes by default, 1 MiB with the overhead of a batch, less some room for that. */
    private static final int MAX_RESULT_BYTES = 1_000_000;

    private final String results;
    private final String worker;

    public ResultRecords(String resultsTopic, String worker) {
        this.results = resultsTopic;
        this.worker = worker;
    }

    @Override
    public List<ProducerRecord<byte[], byte[]>> of(RequestResult answer) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        ClassificationResult result = answer.result();
        FaultException fault = answer.fault();
        if (result != null) {
            fitting(answer, result).ifPresent(records::add);
        }
        if (fault != null && answer.isDeadLetter()) {
            records.add(DeadLetters.of(answer.record(), fault, answer.attempts()));
        } else if (result != null && records.isEmpty()) {
            records.add(DeadLetters.of(answer.record(), tooLarge(), answer.attempts()));
        }
        return records;
    }

    /**
     * The topic would refuse a larger one again and again: the user is told instead. None where the key alone is too
     * large to tell anything under it.
     */
    private Optional<ProducerRecord<byte[], byte[]>> fitting(RequestResult answer, ClassificationResult result) {
        ProducerRecord<byte[], byte[]> whole =
                record(answer, result, answer.record().headers());
        if (bytes(whole) <= MAX_RESULT_BYTES) {
            return Optional.of(whole);
        }
        return Optional.of(record(answer, tooLarge(result), null)).filter(brief -> bytes(brief) <= MAX_RESULT_BYTES);
    }

    private ProducerRecord<byte[], byte[]> record(
            RequestResult answer, ClassificationResult result, @Nullable Headers cause) {
        return EventRecords.of(results, answer.record().key(), result, worker, cause);
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

    private static long bytes(ProducerRecord<byte[], byte[]> record) {
        long bytes = (long) record.value().length + (record.key() == null ? 0 : record.key().length);
        for (Header header : record.headers()) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }
}
