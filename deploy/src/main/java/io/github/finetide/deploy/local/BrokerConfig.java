package io.github.finetide.deploy.local;

import java.nio.file.Path;
import java.util.Properties;

/** The configuration of a broker that is alone: its own controller, nothing to replicate to. */
record BrokerConfig(int port, int controllerPort, Path data) {
    static final int NODE_ID = 1;

    Properties properties() {
        Properties p = new Properties();
        identity(p);
        alone(p);
        quickGroups(p);
        quickRestart(p);
        p.setProperty("auto.create.topics.enable", "false"); // a typo in a topic's name must not make a topic
        p.setProperty("group.share.max.delivery.count.limit", "10");
        return p;
    }

    /** The same node without its broker. */
    Properties controllerAlone() {
        Properties p = new Properties();
        identity(p);
        p.setProperty("process.roles", "controller");
        p.setProperty("listeners", controllerListener());
        p.remove("advertised.listeners");
        return p;
    }

    String controllerAddress() {
        return "127.0.0.1:" + controllerPort;
    }

    private String controllerListener() {
        return "CONTROLLER://" + controllerAddress();
    }

    private void identity(Properties p) {
        p.setProperty("process.roles", "broker,controller");
        p.setProperty("node.id", Integer.toString(NODE_ID));
        p.setProperty("controller.quorum.voters", NODE_ID + "@" + controllerAddress());
        p.setProperty("listeners", "PLAINTEXT://127.0.0.1:%d,%s".formatted(port, controllerListener()));
        p.setProperty("advertised.listeners", "PLAINTEXT://localhost:" + port);
        p.setProperty("controller.listener.names", "CONTROLLER");
        p.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        p.setProperty("log.dirs", data.toString());
    }

    /** The internal topics are made for three brokers and fifty partitions otherwise. */
    private static void alone(Properties p) {
        for (String topic : new String[] {"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"}) {
            p.setProperty(topic + ".replication.factor", "1");
        }
        p.setProperty("transaction.state.log.min.isr", "1");
        p.setProperty("share.coordinator.state.topic.min.isr", "1");
        p.setProperty("offsets.topic.num.partitions", "4");
        p.setProperty("transaction.state.log.num.partitions", "4");
        p.setProperty("share.coordinator.state.topic.num.partitions", "4");
        p.setProperty("default.replication.factor", "1");
        p.setProperty("min.insync.replicas", "1");
    }

    /** Joining a group takes 6 to 7 s with the defaults, under 1 s so; a lost member is noticed in 6 s. */
    private static void quickGroups(Properties p) {
        for (String kind : new String[] {"group.share", "group.consumer"}) {
            p.setProperty(kind + ".min.heartbeat.interval.ms", "500");
            p.setProperty(kind + ".heartbeat.interval.ms", "500");
            p.setProperty(kind + ".min.session.timeout.ms", "6000");
            p.setProperty(kind + ".session.timeout.ms", "6000");
            p.setProperty(kind + ".assignment.interval.ms", "0");
        }
        p.setProperty("group.initial.rebalance.delay.ms", "0");
    }

    /**
     * A start on a used folder takes 2.4 to 3.9 s whatever ended the broker, since the former one is forgotten first; it
     * took 2 s after a controlled shutdown and 5.2 s after a kill, waiting for a session of 3 s to end. Nothing waits for
     * a session now, so it is long: a broker whose machine is so busy that it sends no heartbeat for that time is fenced
     * off, and forgets who holds which job.
     */
    private static void quickRestart(Properties p) {
        p.setProperty("broker.session.timeout.ms", "30000");
        p.setProperty("broker.heartbeat.interval.ms", "500");
        // With nobody to hand its partitions to, it would lose the ends of transactions: see FormerBroker.
        p.setProperty("controlled.shutdown.enable", "false");
        // A worker that was killed in a transaction hides what follows it for the transaction's time-out and this long.
        p.setProperty("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    }
}
