package io.github.finetide.deploy.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/** A broker that asks for TLS and a password (SASL/PLAIN) and allows nothing that no rule allows. */
public final class SecuredKafka implements AutoCloseable {
    private static final String ADMIN = "admin";
    private static final String STORE_PASSWORD = "changeit";
    private static final int KEYTOOL_LIMIT_SECONDS = 60;

    private final KafkaRaftServer server;
    private final Path folder;
    private final int port;
    private final int lost;

    private SecuredKafka(KafkaRaftServer server, Path folder, int port, int lost) {
        this.server = server;
        this.folder = folder;
        this.port = port;
        this.lost = lost;
    }

    /**
     * Starts it; on return it answers.
     *
     * @param folder for its data, its key, and its clients' files
     * @param users who may connect; the password of each is its name with {@code -secret} behind
     */
    public static SecuredKafka start(Path folder, List<String> users) throws Exception {
        Files.createDirectories(folder);
        makeKey(folder);
        int port = Ports.reserve();
        BrokerConfig config = new BrokerConfig(port, Ports.reserve(), folder.resolve("data"));
        Properties properties = config.properties();
        int lost = Ports.reserve();
        secure(properties, folder, port, lost, users);
        DataFolder.prepare(folder.resolve("data"), properties);
        KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
        server.startup();
        return new SecuredKafka(server, folder, port, lost);
    }

    private static void makeKey(Path folder) throws IOException, InterruptedException {
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "broker",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "SAN=DNS:localhost",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        STORE_PASSWORD,
                        "-keystore",
                        folder.resolve("broker.p12").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        if (!keytool.waitFor(KEYTOOL_LIMIT_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IllegalStateException(Files.readString(folder.resolve("keytool.log")));
        }
    }

    private static void secure(Properties p, Path folder, int port, int lost, List<String> users) {
        String listeners = p.getProperty("listeners");
        String plaintext = "PLAINTEXT://127.0.0.1:" + port;
        p.setProperty(
                "listeners",
                listeners.replace(plaintext, "SASL_SSL://127.0.0.1:%d,LOST://127.0.0.1:%d".formatted(port, lost)));
        p.setProperty(
                "advertised.listeners", "SASL_SSL://localhost:%d,LOST://no-such-host.invalid:%d".formatted(port, lost));
        p.setProperty("listener.security.protocol.map", "SASL_SSL:SASL_SSL,LOST:SASL_SSL,CONTROLLER:PLAINTEXT");
        p.setProperty("inter.broker.listener.name", "SASL_SSL");
        p.setProperty("sasl.mechanism.inter.broker.protocol", "PLAIN");
        p.setProperty("sasl.enabled.mechanisms", "PLAIN");
        p.setProperty("listener.name.sasl_ssl.plain.sasl.jaas.config", serverLogin(users));
        p.setProperty("listener.name.lost.plain.sasl.jaas.config", serverLogin(users));
        p.setProperty("ssl.keystore.type", "PKCS12");
        p.setProperty("ssl.keystore.location", folder.resolve("broker.p12").toString());
        p.setProperty("ssl.keystore.password", STORE_PASSWORD);
        p.setProperty("ssl.truststore.type", "PKCS12");
        p.setProperty("ssl.truststore.location", folder.resolve("broker.p12").toString());
        p.setProperty("ssl.truststore.password", STORE_PASSWORD);
        p.setProperty("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer");
        p.setProperty("super.users", "User:" + ADMIN + ";User:ANONYMOUS"); // the controller's listener has no names
    }

    private static String serverLogin(List<String> users) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\" "
                        .formatted(ADMIN, password(ADMIN))
                + "user_%s=\"%s\" ".formatted(ADMIN, password(ADMIN))
                + users.stream()
                        .map(user -> "user_%s=\"%s\"".formatted(user, password(user)))
                        .collect(Collectors.joining(" "))
                + ";";
    }

    private static String password(String user) {
        return user + "-secret";
    }

    public String bootstrapServers() {
        return "localhost:" + port;
    }

    /** The same broker, which refers whoever comes this way to a name that nobody can resolve. */
    public String lostBootstrapServers() {
        return "localhost:" + lost;
    }

    /** The client settings of the one who may do everything. */
    public Path adminConfig() throws IOException {
        return clientConfig(ADMIN);
    }

    /** A file of client settings with which the user connects. */
    public Path clientConfig(String user) throws IOException {
        return Files.write(
                folder.resolve(user + ".properties"),
                List.of(
                        "security.protocol=SASL_SSL",
                        "sasl.mechanism=PLAIN",
                        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
                                + " username=\"%s\" password=\"%s\";".formatted(user, password(user)),
                        "ssl.truststore.type=PKCS12",
                        "ssl.truststore.location=" + folder.resolve("broker.p12"),
                        "ssl.truststore.password=" + STORE_PASSWORD));
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
