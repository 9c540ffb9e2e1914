package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientConfigsTest {
    private static final ClientConfigs CONFIGS = new ClientConfigs(
            "broker:9092", Map.of("security.protocol", "SSL", "linger.ms", "7", "fetch.max.bytes", "1000"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "isolation.level",
                "enable.auto.commit",
                "auto.offset.reset",
                "group.id",
                "group.protocol",
                "transactional.id",
                "enable.idempotence",
                "acks",
                "max.poll.records",
                "share.acknowledgement.mode",
                "share.acquire.mode",
                "bootstrap.servers",
                "client.id",
                "key.serializer",
                "value.deserializer",
                "allow.auto.create.topics"
            })
    void whatCorrectnessRestsOnCannotBeOverridden(String key) {
        assertThatThrownBy(() -> new KafkaSettings("localhost:9092", "", Map.of(key, "x")))
                .isInstanceOf(FaultException.class)
                .hasMessageStartingWith("Kafka property \"" + key + "\" cannot be set: ");
    }

    @Test
    void aPropertyThatNoClientKnowsIsAnError() {
        assertThatThrownBy(() -> new KafkaSettings("localhost:9092", "", Map.of("sasl.mechanisn", "PLAIN")))
                .isInstanceOf(FaultException.class)
                .hasMessage("Kafka property \"sasl.mechanisn\" is unknown to Kafka's clients");
    }

    @Test
    void eachClientGetsTheOverridesThatItKnows() {
        assertThat(CONFIGS.producer("p")).containsEntry("linger.ms", "7").doesNotContainKey("fetch.max.bytes");
        assertThat(CONFIGS.reader("r")).containsEntry("fetch.max.bytes", "1000").doesNotContainKey("linger.ms");
        assertThat(CONFIGS.admin("a"))
                .containsOnly(
                        Map.entry("security.protocol", "SSL"),
                        Map.entry("bootstrap.servers", "broker:9092"),
                        Map.entry("client.id", "a"));
    }

    @Test
    void consumersSeeCommittedRecordsOnlyFromTheFirstOnAndCommitNothingThemselves() {
        assertThat(CONFIGS.consumer("c", "g"))
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("enable.auto.commit", false)
                .containsEntry("auto.offset.reset", "earliest")
                .containsEntry("group.protocol", "consumer")
                .containsEntry("group.id", "g");
        assertThat(CONFIGS.reader("r")).doesNotContainKeys("group.id", "group.protocol");
    }

    @Test
    void aShareConsumerTakesOneRecordAndAcknowledgesItItself() {
        assertThat(CONFIGS.shareConsumer("s", "g"))
                .containsEntry("share.acknowledgement.mode", "explicit")
                .containsEntry("share.acquire.mode", "record_limit")
                .containsEntry("max.poll.records", 1)
                .doesNotContainKeys("isolation.level", "enable.auto.commit", "auto.offset.reset");
    }

    @Test
    void producersAreIdempotentAndTransactionsShort() {
        assertThat(CONFIGS.transactionalProducer("p", "t"))
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", true)
                .containsEntry("transactional.id", "t")
                .containsEntry("transaction.timeout.ms", ClientConfigs.TRANSACTION_TIMEOUT_MS);
    }

    @Test
    void whereNoBrokerAnswersOneErrorSaysSoInTime() {
        KafkaSettings nobody = new KafkaSettings("localhost:1", "", Map.of());
        Instant start = Instant.now();

        assertThatThrownBy(() -> nobody.requireReachable(Duration.ofSeconds(1)))
                .isInstanceOf(FaultException.class)
                .hasMessage(
                        "no Kafka broker answers at localhost:1 within 1 s: localhost:1 does not accept connections")
                .extracting("kind")
                .isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-host.invalid:9092", "localhost", "localhost:port", ""})
    void anAddressThatCannotBeOneIsAnErrorThatShowsIt(String address) {
        KafkaSettings settings = new KafkaSettings(address, "", Map.of());

        assertThatThrownBy(() -> settings.requireReachable(Duration.ofSeconds(1)))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("\"" + address + "\"");
    }
}
