package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.jspecify.annotations.Nullable;

/** Kafka's errors in one line each: what failed, and the remedy. */
public final class KafkaFaults {
    private static final String TRANSACTION_TIMEOUT =
            "transaction.timeout.ms is above the brokers' transaction.max.timeout.ms; lower it in --kafka-config, or raise"
                    + " the brokers'";

    /** Of one error; a chain that is longer may be a ring. */
    private static final int MAX_CAUSES = 20;

    /** The first kind that stands in an error's chain of causes explains it; so the special come before the general. */
    private static final Map<Class<? extends Throwable>, Function<Throwable, String>> EXPLANATIONS = explanations();

    private KafkaFaults() {}

    private static Map<Class<? extends Throwable>, Function<Throwable, String>> explanations() {
        Map<Class<? extends Throwable>, Function<Throwable, String>> all = new LinkedHashMap<>();
        all.put(TopicAuthorizationException.class, KafkaFaults::topics);
        all.put(GroupAuthorizationException.class, KafkaFaults::group);
        all.put(
                TransactionalIdAuthorizationException.class,
                why -> "no right to the transactional id (" + why.getMessage()
                        + "); grant this client's principal WRITE on it");
        all.put(
                ClusterAuthorizationException.class,
                why -> "no right on the cluster (" + why.getMessage() + "); grant it to this client's principal");
        all.put(
                SslAuthenticationException.class,
                why -> "the TLS handshake failed (" + deepest(why) + "); check ssl.truststore.* and ssl.keystore.*");
        all.put(
                AuthenticationException.class,
                why -> "the broker refused the credentials (" + deepest(why)
                        + "); check sasl.mechanism and sasl.jaas.config");
        all.put(
                UnknownTopicOrPartitionException.class,
                why -> "a topic does not exist (" + why.getMessage()
                        + "); \"finetide topics\" creates what is missing");
        all.put(
                UnsupportedVersionException.class,
                why -> "the brokers are too old (" + why.getMessage() + "); " + BrokerVersions.NEEDED + " is needed");
        all.put(ProducerFencedException.class, why -> "another producer took over this transactional id");
        return all;
    }

    /** The error with its kind: the cluster's own words, and what to do about it. */
    public static FaultException of(String doing, Throwable why) {
        return new FaultException(kind(why), "Kafka did not %s: %s".formatted(doing, text(why)), why);
    }

    /** One line: what failed, and the remedy where one is known. */
    public static String text(Throwable why) {
        if (isTransactionTimeoutTooLong(why)) {
            return TRANSACTION_TIMEOUT;
        }
        if (why instanceof FaultException) {
            return String.valueOf(why.getMessage()); // says it all itself
        }
        for (var known : EXPLANATIONS.entrySet()) {
            Throwable found = find(why, known.getKey());
            if (found != null) {
                return known.getValue().apply(found);
            }
        }
        String message = why.getMessage();
        return message == null || message.isBlank() ? why.getClass().getSimpleName() : message;
    }

    /** Whether only somebody's change mends it: rights, credentials, settings, versions. */
    public static boolean isPermanent(Throwable why) {
        return kind(why) == ErrorKind.NOT_ALLOWED
                || isTransactionTimeoutTooLong(why)
                || find(why, UnsupportedVersionException.class) != null
                || find(why, InvalidTopicException.class) != null
                || find(why, InvalidConfigurationException.class) != null
                || find(why, ConfigException.class) != null;
    }

    /** A producer reports it without the exception of that name, by its text alone. */
    private static boolean isTransactionTimeoutTooLong(Throwable why) {
        return find(why, InvalidTxnTimeoutException.class) != null
                || String.valueOf(why.getMessage()).contains("transaction.max.timeout.ms");
    }

    static ErrorKind kind(Throwable why) {
        if (find(why, AuthorizationException.class) != null || find(why, AuthenticationException.class) != null) {
            return ErrorKind.NOT_ALLOWED;
        }
        return why instanceof RetriableException ? ErrorKind.UNAVAILABLE : ErrorKind.INVALID;
    }

    private static String topics(Throwable why) {
        Set<String> topics = ((TopicAuthorizationException) why).unauthorizedTopics();
        return "no right to the topics " + (topics.isEmpty() ? "(" + why.getMessage() + ")" : topics)
                + "; grant it to this client's principal";
    }

    private static String group(Throwable why) {
        String group = ((GroupAuthorizationException) why).groupId();
        return group == null
                ? "no right to the group (" + why.getMessage() + "); grant it to this client's principal"
                : "no right to the group " + group + "; grant this client's principal READ on it";
    }

    /** Whether {@link #text} has more to say than the error's own message. */
    public static boolean isExplained(Throwable why) {
        return EXPLANATIONS.keySet().stream().anyMatch(kind -> find(why, kind) != null);
    }

    static @Nullable Throwable find(Throwable why, Class<? extends Throwable> kind) {
        Throwable cause = why;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (kind.isInstance(cause)) {
                return cause;
            }
            cause = cause.getCause();
        }
        return null;
    }

    /** TLS says only "handshake failed"; why, stands in the last cause. */
    static String deepest(Throwable why) {
        Throwable cause = why;
        for (int depth = 0; cause.getCause() != null && depth < MAX_CAUSES; depth++) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }
}
