package io.github.finetide.inference.requests;

import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads requests and hands them on; what is none is answered at once. Counts what is in hand. */
public final class Intake {
    private final InFlight inHand;
    private final int recordsPerPoll;
    private final Consumer<RequestInFlight> pipeline;
    private final ResultWriter answers;
    private final Publisher publisher;
    private final InstantSource clock;

    /** @param recordsPerPoll the most that a poll brings, on top of a full hand */
    public Intake(
            InFlight inHand,
            int recordsPerPoll,
            Consumer<RequestInFlight> pipeline,
            ResultWriter answers,
            Publisher publisher,
            InstantSource clock) {
        this.inHand = inHand;
        this.recordsPerPoll = recordsPerPoll;
        this.pipeline = pipeline;
        this.answers = answers;
        this.publisher = publisher;
        this.clock = clock;
    }

    void accept(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger) {
        inHand.enter(bytes(record));
        try {
            pipeline.accept(new PolledRequest(record, ledger, read(record), clock.instant()));
        } catch (FaultException why) {
            publisher.submit(() -> answers.unreadable(record, ledger, why));
        }
    }

    boolean isFull() {
        return inHand.isFull();
    }

    void awaitRoom(Duration limit) throws InterruptedException {
        inHand.awaitRoom(limit);
    }

    int recordsPerPoll() {
        return recordsPerPoll;
    }

    public static long bytes(ConsumerRecord<byte[], byte[]> record) {
        return (long) Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }

    private static ClassificationRequest read(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            throw new FaultException(ErrorKind.MALFORMED, "the record has no value");
        }
        return Json.read(value, ClassificationRequest.class);
    }
}
