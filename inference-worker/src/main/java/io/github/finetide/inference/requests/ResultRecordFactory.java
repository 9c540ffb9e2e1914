package io.github.finetide.inference.requests;

import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Makes the records of an answer: the result and, where the request is at fault, its dead letter. */
interface ResultRecordFactory {
    List<ProducerRecord<byte[], byte[]>> of(RequestResult answer);
}
