package io.github.finetide.inference.requests;

import io.github.finetide.inference.model.Fakes;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Places of requests, for tests that need one and no room. */
public final class Places {
    private Places() {}

    static RequestPlace of(ConsumerRecord<byte[], byte[]> record) {
        return of(record, new PartitionLedger(null, ""));
    }

    static RequestPlace of(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger) {
        InFlight unlimited = new InFlight(Integer.MAX_VALUE, Integer.MAX_VALUE, Long.MAX_VALUE, () -> 0, change -> {});
        return new RequestPlace(record, ledger, unlimited.enter(0));
    }

    public static RequestPlace first() {
        return of(Fakes.record(0, 0));
    }
}
