package io.github.finetide.deploy.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.inference.InferenceMain;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.trainer.TrainerMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;

/** What runs Finetide elsewhere fits what Finetide is. */
class DeployFilesTest {
    private static final Pattern VARIABLE = Pattern.compile("FINETIDE_[A-Z_]+");
    private static final List<String> MALLOC =
            List.of("MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_");

    static Stream<Path> yamlFiles() {
        return Stream.of("prometheus", "grafana", "docker", "kubernetes")
                .flatMap(folder -> DeployFiles.named(folder, ".*\\.(ya?ml|json)"));
    }

    @ParameterizedTest
    @MethodSource("yamlFiles")
    void everyFileParses(Path file) {
        assertThat(DeployFiles.documents(file))
                .isNotEmpty()
                .allSatisfy(document -> assertThat(document.isObject()).isTrue());
    }

    @Test
    void everyVariableIsAnOptionOfAWorker() {
        Set<String> options = Stream.of(new TrainerMain(), new InferenceMain())
                .flatMap(worker -> CommandSpec.forAnnotatedObject(worker).options().stream())
                .map(option -> "FINETIDE_"
                        + option.longestName()
                                .substring(2)
                                .toUpperCase(Locale.ROOT)
                                .replace('-', '_'))
                .collect(Collectors.toSet());
        Set<String> used = new TreeSet<>();
        Stream.concat(yamlFiles(), DeployFiles.named("docker", ".*Dockerfile"))
                .filter(file -> !file.toString().contains("prometheus"))
                .map(file -> DeployFiles.text(file).replaceAll("(?m)#.*$", ""))
                .forEach(text -> addAll(VARIABLE, text, used));

        assertThat(used)
                .contains("FINETIDE_STORE", "FINETIDE_BOOTSTRAP_SERVERS")
                .isSubsetOf(options);
    }

    @Test
    void everyLauncherTunesTheAllocator() {
        for (String file : List.of("docker/Dockerfile", "docker/compose.yaml", "kubernetes/base/kustomization.yaml")) {
            assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve(file)))
                    .as(file)
                    .contains(MALLOC);
        }
    }

    @Test
    void filesMayHaveAnyNameWhateverTheLocale() throws IOException, InterruptedException {
        assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve("docker/Dockerfile")))
                .contains("LC_ALL=C.UTF-8");
        String launcher = DeployFiles.text(DeployFiles.FOLDER.resolve("finetide"));
        String function = launcher.substring(launcher.indexOf("see_utf8() {"), launcher.indexOf("\nsee_utf8\n"));
        for (String locale : List.of("C", "POSIX")) {
            ProcessBuilder shell = new ProcessBuilder("bash", "-euc", function + "\nsee_utf8; locale charmap");
            shell.environment().put("LC_ALL", locale);
            Process process = shell.start();
            assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                    .isEqualTo("UTF-8");
            assertThat(process.waitFor()).isZero();
        }
    }

    @Test
    void composeWorkersWaitForTheTopicsAndOutliveTheirGrace() {
        JsonNode services = DeployFiles.composeServices();

        assertThat(services.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "kafka-1",
                        "kafka-2",
                        "kafka-3",
                        "kafka-single",
                        "topics",
                        "trainer",
                        "inference",
                        "prometheus",
                        "grafana");
        assertThat(services.path("trainer").path("command").get(0).asText()).isEqualTo("trainer");
        assertThat(services.path("inference").path("deploy").path("replicas").asInt())
                .isEqualTo(2);
        assertThat(services.path("topics").path("command").get(0).asText()).isEqualTo("topics");
    }

    /** The fault of a lone broker (RATIONALE.md) cannot hit three; one is for who asks for it. */
    @Test
    void composeStartsThreeBrokersOrOne() {
        JsonNode services = DeployFiles.composeServices();
        assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve("docker/.env"))).contains("COMPOSE_PROFILES=cluster");
        Set<String> ids = new HashSet<>();
        for (String broker : List.of("kafka-1", "kafka-2", "kafka-3")) {
            JsonNode environment = services.path(broker).path("environment");
            assertThat(services.path(broker).path("profiles").get(0).asText()).isEqualTo("cluster");
            assertThat(environment.path("KAFKA_CONTROLLER_QUORUM_VOTERS").asText())
                    .contains(broker + ":");
            assertThat(environment.path("KAFKA_ADVERTISED_LISTENERS").asText()).contains(broker + ":19092");
            assertThat(environment.path("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR").asInt())
                    .isEqualTo(2);
            ids.add(environment.path("KAFKA_NODE_ID").asText());
        }
        assertThat(ids).hasSize(3);
        assertThat(services.path("kafka-single").path("profiles").get(0).asText())
                .isEqualTo("single");
        assertThat(services.path("topics").path("depends_on").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("kafka-1", "kafka-2", "kafka-3", "kafka-single");
    }

    /** Prometheus and Grafana find what compose calls by these names. */
    @Test
    void composeScrapesAndShowsItsOwnServices() {
        JsonNode services = DeployFiles.composeServices();
        JsonNode prometheus = DeployFiles.document("prometheus/prometheus.yml");
        for (JsonNode name : prometheus.findValues("names")) {
            assertThat(services.has(name.get(0).asText())).isTrue();
        }
        for (JsonNode scrape : prometheus.path("scrape_configs")) {
            JsonNode discovery = scrape.path("dns_sd_configs").get(0);
            assertThat(services.at("/" + discovery.path("names").get(0).asText() + "/environment/FINETIDE_HTTP_PORT")
                            .asInt())
                    .isEqualTo(discovery.path("port").asInt());
        }
        assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve("grafana/provisioning/datasources/prometheus.yml")))
                .contains("http://prometheus:9090");
    }

    @ParameterizedTest
    @CsvSource({"trainer, 9400", "inference, 9401"})
    void kubernetesWorkersAreProbedAndHaveTimeToStop(String worker, int port) {
        List<JsonNode> documents =
                DeployFiles.documents(DeployFiles.FOLDER.resolve("kubernetes/base/" + worker + ".yaml"));
        JsonNode pod = documents.get(0).at("/spec/template/spec");
        JsonNode container = pod.path("containers").get(0);
        long graceSeconds = new WorkerOptions(port).grace().toSeconds();

        assertThat(container.path("args").get(0).asText()).isEqualTo(worker);
        assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
        assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
        assertThat(container.path("ports").get(0).path("containerPort").asInt()).isEqualTo(port);
        assertThat(pod.path("terminationGracePeriodSeconds").asLong()).isGreaterThan(graceSeconds);
        assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
        assertThat(kinds(documents)).contains("Deployment", "PodDisruptionBudget");
    }

    /** The Pod Security Standard "restricted", and a root that cannot be written. */
    @ParameterizedTest
    @ValueSource(strings = {"trainer", "inference"})
    void kubernetesWorkersPassTheRestrictedStandard(String worker) {
        JsonNode pod = DeployFiles.documents(DeployFiles.FOLDER.resolve("kubernetes/base/" + worker + ".yaml"))
                .get(0)
                .at("/spec/template/spec");
        JsonNode container = pod.path("containers").get(0);

        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true))
                .isFalse();
        assertThat(container.at("/securityContext/capabilities/drop").toString())
                .isEqualTo("[\"ALL\"]");
        assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .isTrue();
        assertThat(container.path("volumeMounts").findValuesAsText("mountPath")).contains("/tmp", "/cache");
        assertThat(container.at("/resources/limits/ephemeral-storage").asText()).isNotEmpty();
    }

    /** A quarter of the limit is the heap's; models, and a batch of 32 photos on its way (1 GiB), must fit beside. */
    @Test
    void heapModelsAndABatchFitTheMemoryLimit() {
        JsonNode container = DeployFiles.documents(DeployFiles.FOLDER.resolve("kubernetes/base/inference.yaml"))
                .get(0)
                .at("/spec/template/spec/containers/0");
        int limitGib = gib(container.at("/resources/limits/memory").asText());
        int modelsGib = 0;
        for (JsonNode variable : container.path("env")) {
            if (variable.path("name").asText().equals("FINETIDE_MODEL_MEMORY")) {
                modelsGib = gib(variable.path("value").asText());
            }
        }

        assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve("kubernetes/base/kustomization.yaml")))
                .contains("JDK_JAVA_OPTIONS=-XX:MaxRAMPercentage=25");
        assertThat(limitGib / 4.0 + modelsGib + 1).isPositive().isLessThanOrEqualTo(limitGib);
        assertThat(modelsGib).isPositive();
    }

    private static int gib(String size) {
        return Integer.parseInt(size.replaceAll("(?i)gi?$", ""));
    }

    static Stream<Path> manifests() {
        return DeployFiles.named("kubernetes", ".*\\.yaml");
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void theApiOfKubernetesKnowsEveryField(Path manifest) {
        List<JsonNode> documents = DeployFiles.documents(manifest);
        assertThat(documents).isNotEmpty().allSatisfy(KubernetesModel::check);
    }

    @Test
    void aMisplacedFieldIsFound() {
        ObjectNode deployment =
                (ObjectNode) DeployFiles.documents(DeployFiles.FOLDER.resolve("kubernetes/base/inference.yaml"))
                        .get(0);
        ((ObjectNode) deployment.path("spec")).put("terminationGracePeriodSeconds", 45);

        assertThatThrownBy(() -> KubernetesModel.check(deployment))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("terminationGracePeriodSeconds");
    }

    static Stream<Path> kustomizations() {
        return DeployFiles.named("kubernetes", ".*kustomization\\.yaml");
    }

    @ParameterizedTest
    @MethodSource("kustomizations")
    void kustomizeNamesEveryFileOfItsFolder(Path kustomization) throws IOException {
        Set<String> listed = new HashSet<>(List.of("kustomization.yaml"));
        DeployFiles.documents(kustomization).get(0).path("resources").forEach(name -> listed.add(name.asText()));
        try (Stream<Path> files = Files.list(kustomization.getParent())) {
            assertThat(files.filter(Files::isRegularFile)
                            .map(file -> file.getFileName().toString()))
                    .isSubsetOf(listed);
        }
    }

    private static List<String> kinds(List<JsonNode> documents) {
        List<String> kinds = new ArrayList<>();
        documents.forEach(document -> kinds.add(document.path("kind").asText()));
        return kinds;
    }

    private static void addAll(Pattern pattern, String text, Set<String> found) {
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group());
        }
    }
}
