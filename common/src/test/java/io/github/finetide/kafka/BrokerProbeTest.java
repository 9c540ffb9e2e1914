package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What listens here answers with a few bytes: the real brokers are asked in deploy's tests. */
class BrokerProbeTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Map<String, String> PLAINTEXT = Map.of();
    private static final Map<String, String> TLS = Map.of("security.protocol", "SSL");

    private final ServerSocket server;

    BrokerProbeTest() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** The alert that TLS answers to what is none: its first bytes, read as a length, are 352 MB. */
    @Test
    void plaintextAgainstTlsIsSaidAtOnce() {
        answer(new byte[] {0x15, 3, 3, 0, 2, 2, 70, 0});

        assertThatThrownBy(() -> settings(PLAINTEXT).requireReachable(SHORT))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("speaks TLS, and security.protocol is PLAINTEXT; set it to SSL or SASL_SSL");
    }

    @Test
    void tlsAgainstPlaintextIsSaidAtOnce() {
        answer(new byte[] {0, 0, 0, 10, 'f', 't', 'd', 'e', 0, 35, 0, 0, 0, 0});

        assertThatThrownBy(() -> settings(TLS).requireReachable(SHORT))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("speaks no TLS, and security.protocol is SSL");
    }

    @Test
    void portThatNobodyListensOnIsNamed() throws IOException {
        server.close();

        assertThatThrownBy(() -> settings(PLAINTEXT).requireReachable(SHORT))
                .isInstanceOfSatisfying(
                        FaultException.class, why -> assertThat(why.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
                .hasMessageContaining("127.0.0.1:" + server.getLocalPort() + " does not accept connections");
    }

    private KafkaSettings settings(Map<String, String> overrides) {
        return new KafkaSettings("127.0.0.1:" + server.getLocalPort(), "", overrides);
    }

    private void answer(byte[] bytes) {
        Thread thread = new Thread(() -> serve(bytes), "server");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(byte[] bytes) {
        try {
            while (true) {
                try (Socket socket = server.accept();
                        InputStream in = socket.getInputStream();
                        OutputStream out = socket.getOutputStream()) {
                    if (in.read() >= 0) {
                        out.write(bytes);
                    }
                }
            }
        } catch (IOException closed) {
            return;
        }
    }
}
