package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.BootstrapConfiguration;
import org.apache.kafka.clients.ClientRequest;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.ManualMetadataUpdater;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.NetworkClientUtils;
import org.apache.kafka.clients.NodeApiVersions;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;

/**
 * Talks to one broker, by Kafka's own network client, and says why that fails. The public clients retry for minutes
 * whatever stands in their way, and report "timed out".
 */
final class BrokerProbe implements AutoCloseable {
    /** A broker that is up answers in milliseconds. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

    private static final Duration IDLE_LIMIT = Duration.ofMinutes(1);
    /** What a broker answers here is some KB; the length that TLS seems to announce is 352 MB. */
    private static final int MAX_ANSWER_BYTES = 16 << 20;

    private static final int BUFFER_BYTES = 64 << 10;
    private static final String ID = "-1";

    private final InetSocketAddress address;
    private final String protocol;
    private final boolean isTls;
    private final Node node;
    private final Metrics metrics = new Metrics();
    private final ApiVersions versions = new ApiVersions();
    private final NetworkClient client;

    private BrokerProbe(AbstractConfig config, InetSocketAddress address) {
        this.address = address;
        this.protocol = config.getString(AdminClientConfig.SECURITY_PROTOCOL_CONFIG);
        this.isTls = protocol.endsWith("SSL");
        this.node = new Node(Integer.parseInt(ID), address.getHostString(), address.getPort());
        LogContext logs = new LogContext();
        Selector selector = new Selector(
                MAX_ANSWER_BYTES,
                IDLE_LIMIT.toMillis(),
                0,
                metrics,
                Time.SYSTEM,
                "probe",
                Map.of(),
                false,
                ClientUtils.createChannelBuilder(config, Time.SYSTEM, logs),
                logs);
        int millis = (int) ANSWER_LIMIT.toMillis();
        client = new NetworkClient(
                selector,
                new ManualMetadataUpdater(),
                "finetide-probe",
                1,
                millis,
                millis,
                BUFFER_BYTES,
                BUFFER_BYTES,
                millis,
                millis,
                millis,
                Time.SYSTEM,
                true,
                versions,
                logs,
                MetadataRecoveryStrategy.NONE,
                BootstrapConfiguration.DISABLED,
                false);
    }

    /**
     * Asks the first bootstrap broker that answers.
     *
     * @param configs of an admin client
     * @return why none answered, where that may pass; empty where all is well
     * @throws FaultException where only somebody's change mends it
     */
    static Optional<String> problem(Map<String, Object> configs) {
        AdminClientConfig config = new AdminClientConfig(configs);
        List<String> servers = config.getList(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG);
        StringBuilder problems = new StringBuilder();
        for (InetSocketAddress address : ClientUtils.parseAndValidateAddresses(
                servers, config.getString(AdminClientConfig.CLIENT_DNS_LOOKUP_CONFIG))) {
            try (BrokerProbe probe = new BrokerProbe(config, address)) {
                probe.check();
                return Optional.empty();
            } catch (IOException away) {
                problems.append(problems.isEmpty() ? "" : "; ").append(away.getMessage());
            }
        }
        return Optional.of(problems.toString());
    }

    /** @throws IOException where it does not answer now */
    private void check() throws IOException {
        connect();
        BrokerVersions.require(versions());
        requireReachable(brokers());
    }

    private void connect() throws IOException {
        if (!isTls) { // before Kafka's client takes the alert of TLS for the length of an answer
            requirePlaintext(PlainProbe.of(address, ANSWER_LIMIT));
        }
        try {
            if (!NetworkClientUtils.awaitReady(client, node, Time.SYSTEM, ANSWER_LIMIT.toMillis())) {
                throw new IOException(address() + " accepts connections and does not answer");
            }
        } catch (KafkaException | IOException failed) {
            PlainProbe.Speech speech = isTls ? PlainProbe.of(address, ANSWER_LIMIT) : PlainProbe.Speech.UNKNOWN;
            if (speech == PlainProbe.Speech.PLAINTEXT) {
                throw mismatch("speaks no TLS", "PLAINTEXT or SASL_PLAINTEXT");
            } else if (failed instanceof KafkaException) {
                throw KafkaFaults.of("accept the connection to " + address(), failed);
            }
            throw new IOException(speech == PlainProbe.Speech.AWAY ? away() : failed.getMessage(), failed);
        }
    }

    private void requirePlaintext(PlainProbe.Speech speech) throws IOException {
        if (speech == PlainProbe.Speech.TLS) {
            throw mismatch("speaks TLS", "SSL or SASL_SSL");
        } else if (speech == PlainProbe.Speech.AWAY) {
            throw new IOException(away());
        }
    }

    private String away() {
        return address() + " does not accept connections";
    }

    private FaultException mismatch(String speaks, String wanted) {
        return new FaultException(
                ErrorKind.INVALID,
                "Kafka at %s %s, and security.protocol is %s; set it to %s by --kafka-config"
                        .formatted(address(), speaks, protocol, wanted));
    }

    private NodeApiVersions versions() throws IOException {
        NodeApiVersions found = versions.get(ID);
        if (found == null) {
            throw new IOException(address() + " did not say which versions it speaks");
        }
        return found;
    }

    private Collection<Node> brokers() throws IOException {
        ClientRequest request = client.newClientRequest(
                ID, new MetadataRequest.Builder(List.of(), false), Time.SYSTEM.milliseconds(), true);
        try {
            var response = NetworkClientUtils.sendAndReceive(client, request, Time.SYSTEM)
                    .responseBody();
            return ((MetadataResponse) response).brokers();
        } catch (IOException closed) {
            throw new IOException(
                    address() + " closes the connection at the first request"
                            + (protocol.startsWith("SASL")
                                    ? ""
                                    : "; does it want SASL? (security.protocol is " + protocol + ")"),
                    closed);
        } catch (KafkaException refused) {
            throw KafkaFaults.of("answer at " + address(), refused);
        }
    }

    /** One broker that is away is no reason; but where none can be resolved, no client gets beyond the bootstrap. */
    private void requireReachable(Collection<Node> brokers) {
        if (brokers.isEmpty() || brokers.stream().anyMatch(BrokerProbe::isResolvable)) {
            return;
        }
        String advertised = brokers.stream()
                .map(broker -> broker.host() + ":" + broker.port())
                .collect(Collectors.joining(", "));
        throw new FaultException(
                ErrorKind.INVALID,
                "Kafka at %s advertises %s, which cannot be resolved here; correct advertised.listeners of the brokers,"
                                .formatted(address(), advertised)
                        + " or the names this machine knows");
    }

    private static boolean isResolvable(Node broker) {
        try {
            return InetAddress.getAllByName(broker.host()).length > 0;
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    private String address() {
        return address.getHostString() + ":" + address.getPort();
    }

    @Override
    public void close() {
        client.close();
        metrics.close();
    }
}
