package io.github.finetide.trainer;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Does the work of a record of the job queue and says what becomes of it. */
@FunctionalInterface
interface JobHandler {
    Disposition handle(ConsumerRecord<byte[], byte[]> record);
}
