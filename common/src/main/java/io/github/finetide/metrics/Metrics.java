package io.github.finetide.metrics;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.network.Devices;
import io.github.finetide.runtime.HttpEndpoint;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClient;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;

/**
 * A process's metrics: the registry behind {@code /metrics}, with those of the JVM, the process and the system bound;
 * Each worker adds its own. No label ever names a job, an image or a
 * request, and {@link Labels} bounds those that users choose.
 */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Labels topics = new Labels(Labels.MAX_TOPICS);

    /** Metrics of this process, counting from now. */
    public Metrics() {
        collections.bindTo(registry);
        List<MeterBinder> binders = List.of(
                new JvmMemoryMetrics(),
                new JvmThreadMetrics(),
                new JvmInfoMetrics(),
                new ClassLoaderMetrics(),
                new ProcessorMetrics(),
                new UptimeMetrics(),
                new FileDescriptorMetrics());
        binders.forEach(binder -> binder.bindTo(registry));
        // Most of a worker's memory is libtorch's, which no jvm_ metric sees.
        Gauge.builder("process.resident.memory", ResidentMemory::bytes)
                .description("Memory of this process that is in RAM.")
                .baseUnit(BaseUnits.BYTES)
                .register(registry);
    }

    /** What {@link HttpEndpoint} shows. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /**
     * {@code finetide_device_info}, 1 with the device's name, and of a GPU {@code finetide_device_memory_used_bytes} and
     * {@code finetide_device_memory_total_bytes}.
     */
    public void device(String name, Supplier<Optional<Devices.Memory>> memory) {
        Gauge.builder("finetide.device.info", () -> 1)
                .description("Where networks run.")
                .tag("device", name)
                .register(registry);
        if (memory.get().isPresent()) {
            memoryGauge("used", name, () -> memory.get().map(Devices.Memory::usedBytes));
            memoryGauge("total", name, () -> memory.get().map(Devices.Memory::totalBytes));
        }
    }

    private void memoryGauge(String which, String device, Supplier<Optional<Long>> bytes) {
        Gauge.builder(
                        "finetide.device.memory." + which,
                        () -> bytes.get().map(Long::doubleValue).orElse(Double.NaN))
                .description("Memory of the GPU, of all processes.")
                .baseUnit(BaseUnits.BYTES)
                .tag("device", device)
                .register(registry);
    }

    /** {@code finetide_dead_letters_total}: a message was given up. */
    public void deadLetter(String topic, ErrorKind kind) {
        deadLetters(topic, kind).increment();
    }

    /** Shows the dead letters of a topic as 0 of each kind: the first one is an increase that an alert can see. */
    public void noDeadLettersYet(String topic) {
        for (ErrorKind kind : ErrorKind.values()) {
            deadLetters(topic, kind);
        }
    }

    private Counter deadLetters(String topic, ErrorKind kind) {
        return Counter.builder("finetide.dead.letters")
                .description("Messages given up and written to a dead-letter topic.")
                .tag("topic", topics.bounded(topic))
                .tag("kind", kind.wire())
                .register(registry);
    }

    /** Shows a client's own metrics as {@code kafka_consumer_*} until closed. */
    public AutoCloseable bind(Consumer<?, ?> consumer) {
        return bound(new KafkaClientMetrics(consumer));
    }

    /** Shows a client's own metrics as {@code kafka_consumer_*} until closed. */
    public AutoCloseable bind(ShareConsumer<?, ?> consumer) {
        return bound(new KafkaClientMetrics(ShareConsumerMetrics.asConsumer(consumer)));
    }

    /** Shows a client's own metrics as {@code kafka_producer_*} until closed. */
    public AutoCloseable bind(Producer<?, ?> producer) {
        return bound(new KafkaClientMetrics(producer));
    }

    /** Shows a client's own metrics as {@code kafka_admin_client_*} until closed. */
    public AutoCloseable bind(Admin admin) {
        // Every Admin that Kafka makes is one; another, as in a test, has no metrics worth showing.
        return admin instanceof AdminClient client ? bound(new KafkaClientMetrics(client)) : () -> {};
    }

    private AutoCloseable bound(KafkaClientMetrics metrics) {
        metrics.bindTo(registry);
        return metrics;
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }

    public static void gauge(
            MeterRegistry registry, String name, String description, SettableGauge value, String... tags) {
        Gauge.builder(name, value, SettableGauge::get)
                .description(description)
                .tags(tags)
                .strongReference(true)
                .register(registry);
    }
}
