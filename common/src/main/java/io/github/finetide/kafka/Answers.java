package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;

/** Waits for answers of the cluster, never longer than a named limit. */
final class Answers {
    /** A cluster that is up answers in milliseconds; one that elects a leader, in seconds. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private Answers() {}

    /**
     * @param doing what the answer is for, as the end of the sentence "Kafka did not ..."
     * @throws FaultException the cluster's own refusal (as cause), or that it did not answer in time
     */
    static <T> T of(KafkaFuture<T> future, String doing) {
        return of(future, doing, LIMIT);
    }

    static <T> T of(KafkaFuture<T> future, String doing, Duration limit) {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw KafkaFaults.of(doing, why);
        } catch (TimeoutException e) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE, "Kafka did not %s within %d s".formatted(doing, limit.toSeconds()), e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
