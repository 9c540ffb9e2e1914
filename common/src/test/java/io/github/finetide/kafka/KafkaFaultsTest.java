package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaFaultsTest {
    static Set<Arguments> permanent() {
        return Set.of(
                Arguments.of(new TopicAuthorizationException(Set.of("model.releases")), "[model.releases]"),
                Arguments.of(GroupAuthorizationException.forGroupId("inference-workers"), "inference-workers"),
                Arguments.of(new TransactionalIdAuthorizationException("training-j"), "(training-j); grant"),
                Arguments.of(new SaslAuthenticationException("Invalid username"), "Invalid username); check sasl"),
                Arguments.of(
                        new SslAuthenticationException("failed", new IllegalStateException("PKIX path")),
                        "PKIX path); check ssl.truststore"),
                Arguments.of(new AuthenticationException("no"), "credentials"),
                Arguments.of(new InvalidTxnTimeoutException("too long"), "transaction.max.timeout.ms"),
                Arguments.of(new UnsupportedVersionException("no share groups"), BrokerVersions.NEEDED));
    }

    @ParameterizedTest
    @MethodSource("permanent")
    void whatOnlyAChangeMendsSaysWhichOne(RuntimeException why, String remedy) {
        RuntimeException wrapped = new KafkaException("wrapped by a client", why);

        assertThat(KafkaFaults.isPermanent(wrapped)).isTrue();
        assertThat(KafkaFaults.text(wrapped)).contains(remedy);
    }

    @Test
    void whatPassesIsNotPermanent() {
        assertThat(KafkaFaults.isPermanent(new TimeoutException("60 s"))).isFalse();
        assertThat(KafkaFaults.isPermanent(DisconnectException.INSTANCE)).isFalse();
    }

    @Test
    void errorWithoutWordsIsNamed() {
        assertThat(KafkaFaults.text(new IllegalStateException())).isEqualTo("IllegalStateException");
    }
}
