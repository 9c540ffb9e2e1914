package io.github.finetide.trainer.jobs;

import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Does the work of a record of the job queue and says what becomes of it. */
interface JobHandler {
    /**
     * Works on a record for as long as that takes.
     *
     * @param isLocked whether the queue still keeps the record for this worker
     */
    JobAcknowledgement handle(ConsumerRecord<byte[], byte[]> record, BooleanSupplier isLocked);

    /**
     * Called from another thread while {@link #handle} works and has no time to end: what it does after this has no
     * effect. Returns what becomes of the record.
     */
    JobAcknowledgement giveAway();
}
