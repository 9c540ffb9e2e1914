package io.github.finetide.kafka;

import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.producer.Producer;

/**
 * A client that is closed within a limit, for try-with-resources: closed by itself it waits for half a minute and more
 * where its broker is away.
 */
public final class Closing<T> implements AutoCloseable {
    /** Everything that counts was waited for before. */
    private static final Duration LIMIT = Duration.ofSeconds(2);

    private final T client;
    private final Consumer<T> close;

    private Closing(T client, Consumer<T> close) {
        this.client = client;
        this.close = close;
    }

    public static Closing<Admin> of(Admin admin) {
        return new Closing<>(admin, client -> client.close(LIMIT));
    }

    public static Closing<Producer<byte[], byte[]>> of(Producer<byte[], byte[]> producer) {
        return new Closing<>(producer, client -> client.close(LIMIT));
    }

    public static Closing<org.apache.kafka.clients.consumer.Consumer<byte[], byte[]>> of(
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer) {
        return new Closing<>(consumer, client -> client.close(CloseOptions.timeout(LIMIT)));
    }

    public T client() {
        return client;
    }

    @Override
    public void close() {
        close.accept(client);
    }
}
