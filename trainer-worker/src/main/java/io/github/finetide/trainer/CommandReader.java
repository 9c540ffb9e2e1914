package io.github.finetide.trainer;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.message.Command;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingCommand;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads all commands there are into the log, then follows the topic on a thread of its own. */
final class CommandReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(CommandReader.class);

    private final CommandRefusals refusals;
    private final TopicView<TrainingCommand> view;
    private final Thread thread = new Thread(this::follow, "commands");
    private volatile boolean closed;

    CommandReader(
            KafkaSettings kafka, String clientId, CommandLog commands, CommandRefusals refusals, WaitingJobs waiting) {
        this.refusals = refusals;
        view = new TopicView<>(
                kafka.reader(clientId),
                kafka.topics().trainingCommands(),
                record -> Json.read(record.value(), TrainingCommand.class),
                new Listener(commands, refusals, waiting));
    }

    /** Returns when the commands that exist are known. */
    void start(Duration limit) {
        view.catchUp(limit);
        thread.setDaemon(true);
        thread.start();
    }

    private void follow() {
        while (!closed) {
            try {
                refusals.answer();
                view.poll(POLL);
            } catch (KafkaException | FaultException e) { // the latter where the brokers' names cannot be looked up
                log.warn("Commands cannot be read, trying again: {}", e.toString());
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(BACK_OFF.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(JOIN_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            view.close();
        }
    }

    private record Listener(CommandLog commands, CommandRefusals refusals, WaitingJobs waiting)
            implements TopicView.Listener<TrainingCommand> {
        @Override
        public void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
            FaultException fault = why instanceof FaultException known
                    ? known
                    : new FaultException(ErrorKind.INTERNAL, why.toString(), why);
            refusals.add(record, fault);
        }

        @Override
        public void changed(String key, @Nullable TrainingCommand command, ConsumerRecord<byte[], byte[]> record) {
            if (command != null) {
                Instant at = Instant.ofEpochMilli(record.timestamp());
                commands.add(command, at);
                if (command.command() == Command.CANCEL) {
                    waiting.cancel(command.jobId(), at);
                }
            }
        }
    }
}
