package io.github.finetide.fetch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host whose certificate nobody vouches for. */
class UntrustedHostTest {
    private static final int CLIENT_HELLO = 0x16; // first byte of a TLS handshake

    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init")
    UntrustedHostTest() {}

    private SSLContext selfSigned() throws Exception {
        Path store = folder.resolve("keys.p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        List<String> command = List.of(
                keytool.toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-alias",
                "k",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD));
        Path log = folder.resolve("keytool.log");
        ProcessBuilder process =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        assertThat(process.start().waitFor()).as("exit code; see %s", log).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static ImageSources sources() {
        Duration limit = Duration.ofSeconds(20);
        return new ImageSources(new SourceRules(List.of(), List.of("localhost"), List.of("b"), 10, 10, limit, limit));
    }

    @Test
    void isCalledThatAndNotAskedAgain() throws Exception {
        HttpsServer server = HttpsServer.create(anyPort(), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
        server.start();
        URI uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/a.jpg");
        try (ImageSources sources = sources()) {
            assertThatThrownBy(() -> sources.fetch(uri))
                    .hasMessageContaining("the host is not trusted: its certificate is not trusted")
                    .isInstanceOfSatisfying(
                            FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_ALLOWED));
            System.setProperty(
                    "aws.endpointUrlS3",
                    "https://localhost:" + server.getAddress().getPort());
            System.setProperty("aws.accessKeyId", "key");
            System.setProperty("aws.secretAccessKey", "secret");
            assertThatThrownBy(() -> sources.fetch(URI.create("s3://b/a.jpg")))
                    .hasMessageContaining("not trusted")
                    .isInstanceOfSatisfying(
                            FaultException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_ALLOWED));
        } finally {
            List.of("aws.endpointUrlS3", "aws.accessKeyId", "aws.secretAccessKey")
                    .forEach(System::clearProperty);
            server.stop(0);
        }
    }

    @Test
    void oneThatSpeaksNoTlsIsToldApart() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ImageSources sources = sources()) {
            Thread answers = new Thread(() -> {
                try (Socket client = server.accept()) {
                    assertThat(client.getInputStream().read()).isEqualTo(CLIENT_HELLO); // answers, as a server does
                    client.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // the other side has heard enough
                }
            });
            answers.start();
            assertThatThrownBy(() -> sources.fetch(URI.create("https://localhost:" + server.getLocalPort() + "/a.jpg")))
                    .hasMessageContaining("does not speak TLS");
            answers.join();
        }
    }
}
