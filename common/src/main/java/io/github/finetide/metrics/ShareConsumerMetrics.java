package io.github.finetide.metrics;

import java.lang.reflect.Proxy;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;

/** Micrometer binds to consumers, and asks nothing of them but their metrics, which a share consumer has, too. */
final class ShareConsumerMetrics {
    private ShareConsumerMetrics() {}

    static Consumer<?, ?> asConsumer(ShareConsumer<?, ?> consumer) {
        return (Consumer<?, ?>) Proxy.newProxyInstance(
                ShareConsumerMetrics.class.getClassLoader(),
                new Class<?>[] {Consumer.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "metrics" -> consumer.metrics();
                    case "toString" -> "metrics of " + consumer;
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> throw new UnsupportedOperationException(method.getName());
                });
    }
}
