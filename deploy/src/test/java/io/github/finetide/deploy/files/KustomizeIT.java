package io.github.finetide.deploy.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every overlay can be built, and gives what the API of Kubernetes knows. Left out where there is no kubectl: Debian's
 * packages have none that is new enough.
 */
@Tag("foreign")
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class KustomizeIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void requireKubectl() {
        boolean there = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "kubectl")));
        assumeTrue(there, "no kubectl");
    }

    static Stream<Path> overlays() {
        return DeployFiles.named("kubernetes", ".*kustomization\\.yaml").map(Path::getParent);
    }

    @ParameterizedTest
    @MethodSource("overlays")
    void itIsBuiltOfFieldsThatTheApiKnows(Path overlay) throws IOException, InterruptedException {
        Path built = folder.resolve("built.yaml");
        Process process = new ProcessBuilder("kubectl", "kustomize", overlay.toString())
                .redirectOutput(built.toFile())
                .start();
        String errors = new String(process.getErrorStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(errors).isZero();

        List<JsonNode> documents = DeployFiles.documents(built);
        assertThat(documents).hasSizeGreaterThan(5).allSatisfy(KubernetesModel::check);
        assertThat(documents.stream()
                        .filter(document -> document.path("kind").asText().equals("Deployment")))
                .hasSize(2)
                .allSatisfy(deployment -> assertThat(deployment
                                .at("/spec/template/spec/containers/0/image")
                                .asText())
                        .matches("finetide(-cuda)?:[0-9.]+"));
    }
}
