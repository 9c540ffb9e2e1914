package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;

/**
 * How to reach Kafka; makes every client of the project.
 *
 * @param bootstrapServers {@code host:port}, several separated by commas
 * @param topicPrefix see {@link Topics}
 * @param overrides client properties of the user (TLS, SASL, buffers, time-outs); those that
 *     correctness depends on are refused
 */
public record KafkaSettings(String bootstrapServers, String topicPrefix, Map<String, String> overrides) {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    public KafkaSettings {
        overrides = ClientConfigs.checked(overrides);
    }

    public Topics topics() {
        return new Topics(topicPrefix);
    }

    /** A producer outside transactions; idempotent, so retries neither repeat nor reorder. */
    public Producer<byte[], byte[]> producer(String clientId) {
        return made(() -> new KafkaProducer<>(configs().producer(clientId)));
    }

    /** Says which transactional id it is that a right is missing to: brokers do not. */
    private static final class TransactionalProducer extends KafkaProducer<byte[], byte[]> {
        private final String id;

        TransactionalProducer(Map<String, Object> configs) {
            super(configs);
            id = String.valueOf(configs.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG));
        }

        @Override
        public void initTransactions() {
            named(super::initTransactions);
        }

        @Override
        public void commitTransaction() {
            named(super::commitTransaction);
        }

        private void named(Runnable step) {
            try {
                step.run();
            } catch (KafkaException why) {
                if (KafkaFaults.find(why, TransactionalIdAuthorizationException.class) == null) {
                    throw why;
                }
                RuntimeException named = new TransactionalIdAuthorizationException(id);
                named.initCause(why);
                throw named;
            }
        }
    }

    /** A producer for transactions; the caller runs {@code initTransactions()}. */
    public Producer<byte[], byte[]> transactionalProducer(String clientId, String transactionalId) {
        return made(() -> new TransactionalProducer(configs().transactionalProducer(clientId, transactionalId)));
    }

    /**
     * The same for a caller who tries again himself, for as long as he likes.
     *
     * @param answerLimit how long one try may take
     */
    public Producer<byte[], byte[]> transactionalProducer(
            String clientId, String transactionalId, Duration answerLimit) {
        return made(() ->
                new TransactionalProducer(configs().transactionalProducer(clientId, transactionalId, answerLimit)));
    }

    /** A member of a consumer group; offsets are committed by the caller, in its transaction. */
    public Consumer<byte[], byte[]> consumer(String clientId, String groupId) {
        return made(() -> new KafkaConsumer<>(configs().consumer(clientId, groupId)));
    }

    /**
     * The same for records that are worked on beyond the next poll.
     *
     * @param recordsPerPoll at most, so that the caller's limit on what it holds is not exceeded by much
     */
    public Consumer<byte[], byte[]> consumer(String clientId, String groupId, int recordsPerPoll) {
        return made(() -> new KafkaConsumer<>(configs().consumer(clientId, groupId, recordsPerPoll)));
    }

    /** A consumer without a group, for {@code assign}: reads from the beginning, commits nothing. */
    public Consumer<byte[], byte[]> reader(String clientId) {
        return made(() -> new KafkaConsumer<>(configs().reader(clientId)));
    }

    /** The same, one record a poll: where a single record may not fit in memory. */
    public Consumer<byte[], byte[]> readerOfSingles(String clientId) {
        return made(() -> new KafkaConsumer<>(configs().readerOfSingles(clientId)));
    }

    /**
     * The same with at most so many records a poll: with one, who cannot unpack a record knows which one it is.
     */
    public Consumer<byte[], byte[]> reader(String clientId, int recordsPerPoll) {
        return made(() -> new KafkaConsumer<>(configs().reader(clientId, recordsPerPoll)));
    }

    /** A member of a share group that gets one record at a time and acknowledges it itself. */
    public ShareConsumer<byte[], byte[]> shareConsumer(String clientId, String groupId) {
        return made(() -> new KafkaShareConsumer<>(configs().shareConsumer(clientId, groupId)));
    }

    public Admin admin(String clientId) {
        return made(() -> Admin.create(configs().admin(clientId)));
    }

    /**
     * Asks a broker who it is, so that a wrong address, password, certificate or version is one clear error at the start
     * and not a stream of warnings.
     *
     * @throws FaultException at once where only somebody's change mends it; {@code unavailable} when no broker answers
     *     within the limit
     */
    public void requireReachable(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        Optional<String> problem = reachabilityProblem();
        while (problem.isPresent()) {
            if (System.nanoTime() > deadline) {
                throw new FaultException(
                        ErrorKind.UNAVAILABLE,
                        "no Kafka broker answers at %s within %d s: %s"
                                .formatted(bootstrapServers, limit.toSeconds(), problem.get()));
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            problem = reachabilityProblem();
        }
    }

    /**
     * Asks once.
     *
     * @return why no broker answers, where that may pass; empty where one does
     * @throws FaultException where only somebody's change mends it
     */
    public Optional<String> reachabilityProblem() {
        return made(() -> BrokerProbe.problem(configs().admin("finetide-probe")));
    }

    /** Kafka says only "failed to construct"; the reason is in a cause. */
    private <T> T made(Supplier<T> client) {
        try {
            return client.get();
        } catch (KafkaException e) {
            Throwable why = e;
            while (why.getCause() != null) {
                why = why.getCause();
            }
            throw new FaultException(
                    ErrorKind.INVALID,
                    "no Kafka client can be made for \"%s\": %s".formatted(bootstrapServers, why.getMessage()),
                    e);
        }
    }

    private ClientConfigs configs() {
        return new ClientConfigs(bootstrapServers, overrides);
    }
}
