package io.github.finetide.inference.requests;

import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads requests and passes them to the pipeline; what is none is answered at once. */
public final class Intake {
    /** Twice the largest that is allowed, an inline image in base64; what came compressed may be larger. */
    static final int MAX_REQUEST_BYTES = 2 << 20;

    private final InFlight inFlight;
    private final int recordsPerPoll;
    private final Consumer<RequestInFlight> pipeline;
    private final ResultWriter results;
    private final InstantSource clock;

    /** @param recordsPerPoll the most that a poll brings, on top of what is in flight */
    public Intake(
            InFlight inFlight,
            int recordsPerPoll,
            Consumer<RequestInFlight> pipeline,
            ResultWriter results,
            InstantSource clock) {
        this.inFlight = inFlight;
        this.recordsPerPoll = recordsPerPoll;
        this.pipeline = pipeline;
        this.results = results;
        this.clock = clock;
    }

    void accept(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger) {
        RequestPlace place = new RequestPlace(record, ledger, inFlight.enter(bytes(record)));
        try {
            pipeline.accept(new PolledRequest(place, read(record), clock.instant(), results));
        } catch (FaultException why) {
            results.unreadable(place, why);
        } catch (OutOfMemoryError why) {
            results.unreadable(place, outOfMemory());
        }
    }

    /** A request that ended every worker that had it. */
    void deadly(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger) {
        results.unreadable(
                new RequestPlace(record, ledger, inFlight.enter(bytes(record))),
                new FaultException(
                        ErrorKind.INTERNAL,
                        "the process ended " + Holding.MOST_DEATHS + " times with this request in flight, "
                                + Holding.DEATHS_ALONE + " times with no other"));
    }

    /** The most that a worker like this one can have had in flight when it ended. */
    int suspects() {
        return 3 * recordsPerPoll; // in flight are two polls, and one on top
    }

    boolean isActive() {
        return inFlight.isActive();
    }

    /** What could not even be polled; its place is all that is known of it. */
    void unreadable(ConsumerRecord<byte[], byte[]> place, PartitionLedger ledger) {
        results.unreadable(new RequestPlace(place, ledger, inFlight.enter(0)), outOfMemory());
    }

    private static FaultException outOfMemory() {
        return new FaultException(
                ErrorKind.OUT_OF_MEMORY, "the record does not fit in the worker's memory; send a smaller one");
    }

    boolean isFull() {
        return inFlight.isFull();
    }

    void awaitRoom(Duration limit) throws InterruptedException {
        inFlight.awaitRoom(limit);
    }

    int recordsPerPoll() {
        return recordsPerPoll;
    }

    private static long bytes(ConsumerRecord<byte[], byte[]> record) {
        return (long) Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
    }

    private static ClassificationRequest read(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        if (value == null) {
            throw new FaultException(ErrorKind.MALFORMED, "the record has no value");
        }
        if (value.length > MAX_REQUEST_BYTES) {
            throw Faults.tooLarge("the request has", value.length, MAX_REQUEST_BYTES, "bytes");
        }
        return Json.read(value, ClassificationRequest.class);
    }
}
