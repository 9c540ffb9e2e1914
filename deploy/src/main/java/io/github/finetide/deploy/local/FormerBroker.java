package io.github.finetide.deploy.local;

import io.github.finetide.kafka.Closing;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.errors.BrokerIdNotRegisteredException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.utils.Time;

/**
 * The broker that used the folder before, whether it was stopped or killed. To its controller it leads every partition
 * until its session ends, some seconds into the life of its successor.
 *
 * <p>See RATIONALE.md, Why does a broker that is alone not do a controlled shutdown, and why is it
 * forgotten before it starts again?
 */
final class FormerBroker {
    /** A controller that is alone answers in milliseconds once it has read its log. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

    private FormerBroker() {}

    /** Starts the controller alone, has it forget the broker, and stops it. */
    static void unregister(BrokerConfig config) {
        KafkaRaftServer controller =
                new KafkaRaftServer(KafkaConfig.fromProps(config.controllerAlone(), false), Time.SYSTEM);
        controller.startup();
        try (Closing<Admin> admin = Closing.of(
                Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_CONTROLLERS_CONFIG, config.controllerAddress())))) {
            unregister(admin.client());
        } finally {
            controller.shutdown();
            controller.awaitShutdown();
        }
    }

    private static void unregister(Admin admin) {
        try {
            admin.unregisterBroker(BrokerConfig.NODE_ID).all().get(ANSWER_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException why) {
            if (!(why.getCause() instanceof BrokerIdNotRegisteredException)) {
                throw new IllegalStateException("the controller does not forget it: " + why.getCause(), why);
            }
        } catch (TimeoutException why) {
            throw new IllegalStateException("no answer of the controller", why);
        } catch (InterruptedException why) {
            throw new InterruptException(why);
        }
    }
}
