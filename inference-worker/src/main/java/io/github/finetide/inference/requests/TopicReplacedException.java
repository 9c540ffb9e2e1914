package io.github.finetide.inference.requests;

import org.apache.kafka.common.KafkaException;

/** The topic that requests come from is another one of the same name now. */
final class TopicReplacedException extends KafkaException {
    private static final long serialVersionUID = 1L;

    TopicReplacedException(String message) {
        super(message);
    }
}
