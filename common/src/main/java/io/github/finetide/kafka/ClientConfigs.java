package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The properties of every client: what differs from Kafka's defaults, and why. */
record ClientConfigs(String bootstrapServers, Map<String, String> overrides) {
    /**
     * A worker that dies inside a transaction hides what others wrote behind it from committed
     * readers for this long. Transactions here are opened after the work, not around it.
     */
    static final int TRANSACTION_TIMEOUT_MS = 20_000;
    /** Room for the largest event; the topics keep their own, smaller limits. */
    static final int MAX_REQUEST_BYTES = TopicSpecs.MAX_EVENT_BYTES + 1024 * 1024;
    /** What one poll may hold in memory, whatever the number of partitions (default 50 MiB). */
    static final int FETCH_MAX_BYTES = 8 * 1024 * 1024;

    /** Where secrets come from that are named as {@code ${file:/path:key}}; those below it configure each provider. */
    private static final String PROVIDERS = AbstractConfig.CONFIG_PROVIDERS_CONFIG;

    /** Each of these is what a promise of the project rests on. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("bootstrap.servers", "use --bootstrap-servers"),
            Map.entry("client.id", "use --worker-id"),
            Map.entry("group.id", "use --topic-prefix, which also separates groups"),
            Map.entry("group.protocol", "exactly-once results rest on the consumer protocol's member epochs"),
            Map.entry("session.timeout.ms", "brokers hold it for their groups: group.consumer.session.timeout.ms"),
            Map.entry(
                    "heartbeat.interval.ms", "brokers hold it for their groups: group.consumer.heartbeat.interval.ms"),
            Map.entry("partition.assignment.strategy", "brokers assign partitions: group.consumer.assignors"),
            Map.entry("isolation.level", "an epoch or a result of an aborted transaction would be seen"),
            Map.entry("enable.auto.commit", "requests would be committed before they are answered"),
            Map.entry("auto.offset.reset", "requests sent before the first worker would be lost"),
            Map.entry("transactional.id", "it fences a job's former owner off"),
            Map.entry("transaction.two.phase.commit.enable", "an abandoned transaction would never end"),
            Map.entry("enable.idempotence", "a retry would repeat an event"),
            Map.entry("acks", "an acknowledged event could be lost"),
            Map.entry("max.poll.records", "a worker takes as much as it can hold, a trainer one job"),
            Map.entry("share.acknowledgement.mode", "a job would be acknowledged before it ends"),
            Map.entry("share.acquire.mode", "a trainer would hold jobs that it does not work on"),
            Map.entry("key.serializer", "keys are bytes"),
            Map.entry("value.serializer", "values are bytes"),
            Map.entry("key.deserializer", "keys are bytes"),
            Map.entry("value.deserializer", "values are bytes"),
            Map.entry("allow.auto.create.topics", "topics are created by \"finetide topics\" with their settings"));

    static Map<String, String> checked(Map<String, String> overrides) {
        overrides.keySet().forEach(ClientConfigs::check);
        return Map.copyOf(overrides);
    }

    private static void check(String key) {
        String why = REFUSED.get(key);
        if (why != null) {
            throw new FaultException(ErrorKind.INVALID, "Kafka property \"%s\" cannot be set: %s".formatted(key, why));
        }
        if (!known(key)) {
            throw new FaultException(
                    ErrorKind.INVALID, "Kafka property \"%s\" is unknown to Kafka's clients".formatted(key));
        }
    }

    private static boolean known(String key) {
        return ofProviders(key)
                || ProducerConfig.configNames().contains(key)
                || ConsumerConfig.configNames().contains(key)
                || AdminClientConfig.configNames().contains(key);
    }

    private static boolean ofProviders(String key) {
        return key.equals(PROVIDERS) || key.startsWith(PROVIDERS + ".");
    }

    Map<String, Object> producer(String clientId) {
        Map<String, Object> configs = common(clientId, ProducerConfig.configNames());
        configs.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        configs.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        configs.put(ProducerConfig.ACKS_CONFIG, "all");
        configs.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        configs.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_REQUEST_BYTES);
        return configs;
    }

    Map<String, Object> transactionalProducer(String clientId, String transactionalId) {
        Map<String, Object> configs = producer(clientId);
        configs.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId);
        configs.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_TIMEOUT_MS);
        // Whatever waits longer than the transaction may last waits in vain (default 60 s).
        configs.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, TRANSACTION_TIMEOUT_MS);
        // All records of a transaction are sent at once, then it ends: nothing more comes to wait for (default 5 ms).
        configs.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 0);
        return configs;
    }

    /** Without these limits a try takes one minute to find no broker, and two to give a record up. */
    Map<String, Object> transactionalProducer(String clientId, String transactionalId, Duration answerLimit) {
        Map<String, Object> configs = transactionalProducer(clientId, transactionalId);
        if (!overrides.containsKey(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG)) {
            configs.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, (int) answerLimit.toMillis());
        }
        if (!overrides.containsKey(ProducerConfig.MAX_BLOCK_MS_CONFIG)) {
            configs.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, (int) answerLimit.toMillis());
        }
        if (!configs.containsKey(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG)
                && !configs.containsKey(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG)
                && !overrides.containsKey(ProducerConfig.LINGER_MS_CONFIG)) {
            configs.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) answerLimit.toMillis() / 2);
            configs.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) answerLimit.toMillis());
        }
        return configs;
    }

    Map<String, Object> consumer(String clientId, String groupId) {
        Map<String, Object> configs = reader(clientId);
        configs.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        configs.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "consumer");
        return configs;
    }

    Map<String, Object> consumer(String clientId, String groupId, int recordsPerPoll) {
        Map<String, Object> configs = consumer(clientId, groupId);
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, recordsPerPoll);
        return configs;
    }

    Map<String, Object> reader(String clientId) {
        Map<String, Object> configs = deserializing(clientId);
        configs.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        configs.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        configs.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        configs.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        configs.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_MAX_BYTES);
        return configs;
    }

    Map<String, Object> readerOfSingles(String clientId) {
        Map<String, Object> configs = reader(clientId);
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return configs;
    }

    Map<String, Object> reader(String clientId, int recordsPerPoll) {
        Map<String, Object> configs = reader(clientId);
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, recordsPerPoll);
        return configs;
    }

    /** What a share consumer does not take (isolation, offset reset) is set on the group. */
    Map<String, Object> shareConsumer(String clientId, String groupId) {
        Map<String, Object> configs = deserializing(clientId);
        configs.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
        configs.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        configs.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        configs.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        return configs;
    }

    Map<String, Object> admin(String clientId) {
        return common(clientId, AdminClientConfig.configNames());
    }

    private Map<String, Object> deserializing(String clientId) {
        Map<String, Object> configs = common(clientId, ConsumerConfig.configNames());
        configs.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        configs.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return configs;
    }

    /** A client gets the overrides that it knows: others would only be warned about. */
    private Map<String, Object> common(String clientId, Set<String> names) {
        Map<String, Object> configs = new HashMap<>(overrides);
        configs.keySet().removeIf(name -> !names.contains(name) && !ofProviders(name));
        configs.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        configs.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
        return configs;
    }
}
