package io.github.finetide.trainer.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.runtime.RetryPolicy;
import io.github.finetide.trainer.jobs.Transactions.CommitState;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Transactions that a real broker gives up because their owner was away for too long, as in an outage or a freeze. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class TransactionsIT {
    private static final RetryPolicy POLICY =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(100), Duration.ofMillis(100), Duration.ofMinutes(1));
    private static final String TRANSACTION_TIMEOUT_MS = "1000";

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private KafkaSettings settings;
    private String topic;

    @BeforeEach
    void prepare() {
        settings = new KafkaSettings(
                kafka.bootstrapServers(),
                kafka.topicPrefix(),
                Map.of("transaction.timeout.ms", TRANSACTION_TIMEOUT_MS));
        topic = settings.topics().trainingStatus();
        try (Admin admin = settings.admin("prepare")) {
            TopicAdmin.ensure(admin, settings.topics(), (short) 1);
        }
    }

    @Test
    void whatTheBrokerGaveUpWhileNobodyElseCameIsSentAgainOnce() {
        List<String> producers = new ArrayList<>();
        try (Transactions transactions = transactions("given-up", CommitState.NOTHING, producers, this::untilGivenUp)) {
            transactions.take();
            transactions.publish(List.of(record("epoch 1")));
            transactions.publish(List.of(record("epoch 2")));
        }
        assertThat(committed()).containsOnlyOnce("epoch 1", "epoch 2");
        assertThat(producers).as("the first one was fenced off by the broker").hasSize(2);
    }

    @Test
    void whereAnotherOwnerCameMeanwhileNothingIsSent() {
        Runnable other = () -> {
            try (Transactions taker = transactions("taken", CommitState.NOTHING, new ArrayList<>(), () -> {})) {
                taker.take();
                taker.publish(List.of(record("of the other")));
            }
        };
        try (Transactions transactions = transactions("taken", CommitState.ANOTHER, new ArrayList<>(), other)) {
            transactions.take();
            assertThatExceptionOfType(FencedException.class)
                    .isThrownBy(() -> transactions.publish(List.of(record("late"))));
        }
        assertThat(committed()).containsOnlyOnce("of the other").doesNotContain("late");
    }

    /** @param beforeFirstCommit what happens once between sending and committing */
    private Transactions transactions(
            String id, CommitState commitState, List<String> producers, Runnable beforeFirstCommit) {
        boolean[] happened = new boolean[1];
        return new Transactions(
                id,
                () -> {
                    producers.add(id);
                    return pausing(
                            settings.transactionalProducer(id, kafka.topicPrefix() + id, Duration.ofSeconds(10)),
                            () -> {
                                if (!happened[0]) {
                                    happened[0] = true;
                                    beforeFirstCommit.run();
                                }
                            });
                },
                records -> commitState,
                new Retrying(POLICY, new Obstacle(), new StopSignal(), InstantSource.system()));
    }

    @SuppressWarnings("unchecked")
    private static Producer<byte[], byte[]> pausing(Producer<byte[], byte[]> producer, Runnable beforeCommit) {
        return (Producer<byte[], byte[]>) Proxy.newProxyInstance(
                Producer.class.getClassLoader(), new Class<?>[] {Producer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("commitTransaction")) {
                        producer.flush();
                        beforeCommit.run();
                    }
                    try {
                        return method.invoke(producer, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Committed readers get past an open transaction only when the broker gives it up. */
    private void untilGivenUp() {
        try (Producer<byte[], byte[]> after = settings.producer("after")) {
            var unused = after.send(record("behind it")); // closing waits for it
        }
        List<String> seen = committed();
        while (!seen.contains("behind it")) {
            seen = committed();
        }
    }

    private ProducerRecord<byte[], byte[]> record(String value) {
        return new ProducerRecord<>(topic, value.getBytes(UTF_8), value.getBytes(UTF_8));
    }

    private List<String> committed() {
        List<String> values = new ArrayList<>();
        TopicView.Listener<byte[]> listener = new TopicView.Listener<>() {
            @Override
            public void changed(String key, byte @Nullable [] value, ConsumerRecord<byte[], byte[]> record) {
                values.add(key);
            }
        };
        try (TopicView<byte[]> view =
                new TopicView<>(settings.reader("committed"), topic, ConsumerRecord::value, listener)) {
            view.catchUp(Duration.ofSeconds(30));
        }
        return values;
    }
}
