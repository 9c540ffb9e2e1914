package io.github.finetide.deploy.local;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import javax.management.JMException;
import javax.management.ObjectName;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * The session of a broker that was killed, as its controller remembers it. It must have ended before the broker starts
 * again: while it ends, the partitions have no leader, and a transaction coordinator that looks at them just then takes
 * them for deleted and ends transactions without their markers, so that readers of committed records never see what was
 * committed (Kafka 4.4, {@code TransactionMarkerChannelManager.addTxnMarkersToBrokerQueue}).
 */
final class OldSession {
    /** Ending it takes the session's time, about a second; without an old session there is nothing to wait for. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private static final Duration LOOK = Duration.ofMillis(20);

    private OldSession() {}

    /**
     * Runs the controller alone until it has fenced the broker off, or never knew one.
     *
     * @param controller its configuration, with a short session
     */
    static void end(Properties controller) {
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(controller, false), Time.SYSTEM);
        try {
            server.startup();
            long deadline = System.nanoTime() + LIMIT.toNanos();
            while (fencedBrokers() == 0 && System.nanoTime() < deadline) {
                TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            server.shutdown();
            server.awaitShutdown();
        }
    }

    private static int fencedBrokers() {
        try {
            ObjectName count = new ObjectName("kafka.controller:type=KafkaController,name=FencedBrokerCount");
            return ((Number) ManagementFactory.getPlatformMBeanServer().getAttribute(count, "Value")).intValue();
        } catch (JMException notThereYet) {
            return 0;
        }
    }
}
