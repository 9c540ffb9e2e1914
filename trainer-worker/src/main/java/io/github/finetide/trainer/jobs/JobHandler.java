package io.github.finetide.trainer.jobs;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Does the work of a record of the job queue and says what becomes of it. */
interface JobHandler {
    JobAcknowledgement handle(ConsumerRecord<byte[], byte[]> record);

    /**
     * Called from another thread while {@link #handle} works and has no time to end: what it does after this has no
     * effect. Returns what becomes of the record.
     */
    JobAcknowledgement giveAway();
}
