package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.message.FaultException;
import io.github.finetide.metrics.Metrics;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The answer to a command that nobody understands: a dead letter. */
record MalformedCommands(Metrics metrics) implements TopicRefusals.Answers {
    @Override
    public List<ProducerRecord<byte[], byte[]>> to(
            String topicId, ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        return List.of(DeadLetters.of(cause, topicId, why, 1));
    }

    @Override
    public void published(ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        metrics.deadLetter(cause.topic(), why.kind());
    }
}
