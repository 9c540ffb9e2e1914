package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.deploy.local.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Debian's Prometheus with this project's configuration, faster: it scrapes and evaluates every second. */
final class PrometheusServer implements AutoCloseable {
    private static final Path FILES = Path.of("prometheus").toAbsolutePath();

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path pods;
    private final int port;
    private final Process process;

    private PrometheusServer(Path pods, int port, Process process) {
        this.pods = pods;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts it with the jobs of prometheus.yml, as in compose, and with pods, found as in a cluster by something that may
     * lose them.
     */
    static PrometheusServer start(Path folder, int trainerPort, int inferencePort, List<Integer> podPorts)
            throws IOException {
        Path pods = folder.resolve("pods.json");
        String configuration = Files.readString(FILES.resolve("prometheus.yml")).replace("15s", "1s");
        configuration = fixed(fixed(configuration, "trainer", trainerPort), "inference", inferencePort);
        Files.writeString(folder.resolve("prometheus.yml"), configuration + """
                  - job_name: kubernetes-pods
                    file_sd_configs:
                      - files: [%s]
                        refresh_interval: 1s
                """.formatted(pods));
        Files.writeString(folder.resolve("finetide.rules.yml"), hurried());
        int port = Ports.reserve();
        Process process = new ProcessBuilder(
                        "prometheus",
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        PrometheusServer server = new PrometheusServer(pods, port, process);
        server.pods(podPorts);
        return server;
    }

    /** The address that compose's name server would give: Prometheus asks none of /etc/hosts. */
    private static String fixed(String configuration, String name, int port) {
        String found = configuration.replaceFirst(
                "dns_sd_configs:\\s+- names: \\[" + name + "]\\s+type: A\\s+port: [0-9]+\\s+refresh_interval: [0-9]+s",
                "static_configs: [{targets: ['127.0.0.1:" + port + "']}]");
        if (found.equals(configuration)) {
            throw new IllegalArgumentException("prometheus.yml does not find " + name + " by name any more");
        }
        return found;
    }

    /** The rules with their patience in seconds, and thresholds that a test reaches. */
    private static String hurried() throws IOException {
        return Files.readString(FILES.resolve("finetide.rules.yml"))
                .replaceAll("for: [0-9]+m", "for: 1s")
                .replaceAll("\\[(10|15|30)m]", "[10s]")
                .replace("finetide_requests_lag) > 5000", "finetide_requests_lag) > 5")
                .replaceAll("(checkpoint_write_seconds_count.*) > 60", "$1 > 0")
                .replace("(finetide_model_info)) > 4", "(finetide_model_info)) > 1");
    }

    /** Sets which pods discovery knows. */
    void pods(List<Integer> ports) throws IOException {
        List<String> targets =
                ports.stream().map(each -> "\"127.0.0.1:" + each + "\"").toList();
        Path written = Files.writeString(pods.resolveSibling("pods.tmp"), "[{\"targets\": " + targets + "}]");
        Files.move(written, pods, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The series that a query gives now. */
    JsonNode query(String expression) throws IOException, InterruptedException {
        URI uri =
                URI.create("http://127.0.0.1:" + port + "/api/v1/query?query=" + URLEncoder.encode(expression, UTF_8));
        String body = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString(UTF_8))
                .body();
        return new ObjectMapper().readTree(body).at("/data/result");
    }

    /** Every alert that has fired since the start. */
    Set<String> fired() throws IOException, InterruptedException {
        Set<String> names = new TreeSet<>();
        query("count by (alertname) (last_over_time(ALERTS{alertstate=\"firing\"}[10m]))")
                .forEach(series -> names.add(series.at("/metric/alertname").asText()));
        return names;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
