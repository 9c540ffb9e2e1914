package io.github.finetide.deploy.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * A real Kafka broker of one node in this JVM. Its data folder can be used again, also after the
 * process was killed.
 */
public final class EmbeddedKafka implements AutoCloseable {
    /** Takes 4 s on two cores; recovering a large log after a kill takes longer. */
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    /** Kafka itself may wait 10 s for its controller and 5 s for its connections. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final KafkaRaftServer server;
    private final int port;

    private EmbeddedKafka(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /**
     * Starts the broker on {@code localhost}; on return it answers clients.
     *
     * @param port for clients; 0 picks a free one
     * @param data folder for everything it keeps; made if it does not exist
     * @throws IllegalStateException when the port is taken, the folder cannot be used or belongs to
     *     a running broker, or the broker does not start in time; the message says which
     */
    public static EmbeddedKafka start(int port, Path data) {
        int clients = port == 0 ? Ports.reserve() : port;
        if (!Ports.isFree(clients)) {
            throw new IllegalStateException("port %d is in use, so Kafka cannot listen there".formatted(clients));
        }
        Path folder = data.toAbsolutePath().normalize();
        BrokerConfig config = new BrokerConfig(clients, Ports.reserve(), folder);
        Properties properties = config.properties();
        if (DataFolder.prepare(folder, properties)) {
            bounded(() -> FormerBroker.unregister(config), START_LIMIT, "forget the broker of before");
        }
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        bounded(server::startup, START_LIMIT, "start");
        return new EmbeddedKafka(server, clients);
    }

    /** For {@code bootstrap.servers}: one {@code host:port}. */
    public String bootstrapServers() {
        return "localhost:" + port;
    }

    /** Blocks until {@link #close} was called, from another thread. */
    public void awaitEnd() {
        server.awaitShutdown();
    }

    @Override
    public void close() {
        Runnable stop = () -> {
            server.shutdown();
            server.awaitShutdown();
        };
        bounded(stop, STOP_LIMIT, "stop");
    }

    private static void bounded(Runnable action, Duration limit, String name) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread = new Thread(() -> complete(done, action), "kafka-" + name);
        thread.setDaemon(true);
        thread.start();
        try {
            done.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka did not %s within %d s".formatted(name, limit.toSeconds()), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka did not %s: %s".formatted(name, e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Kafka was to " + name, e);
        }
    }

    private static void complete(CompletableFuture<Void> done, Runnable action) {
        try {
            action.run();
            done.complete(null);
        } catch (Throwable failure) {
            done.completeExceptionally(failure);
        }
    }
}
