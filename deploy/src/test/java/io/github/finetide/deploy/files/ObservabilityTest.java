package io.github.finetide.deploy.files;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alerts and dashboard ask only for metrics that there are. */
class ObservabilityTest {
    private static final Set<String> PLAIN = Set.of(
            "finetide_training_jobs_total",
            "finetide_training_active_jobs",
            "finetide_training_epoch",
            "finetide_training_progress_ratio",
            "finetide_training_learning_rate",
            "finetide_training_loss",
            "finetide_training_accuracy",
            "finetide_training_best_accuracy",
            "finetide_training_images_total",
            "finetide_training_queue_lag",
            "finetide_classifications_total",
            "finetide_classifications_in_flight",
            "finetide_requests_lag",
            "finetide_abstained_total",
            "finetide_drift_psi",
            "finetide_shadow_total",
            "finetide_model_info",
            "finetide_records_given_up_total",
            "finetide_results_waiting",
            "finetide_dead_letters_total",
            "finetide_device_info",
            "finetide_device_memory_used_bytes",
            "finetide_device_memory_total_bytes");
    private static final Set<String> HISTOGRAMS = Set.of(
            "finetide_training_step_seconds",
            "finetide_training_epoch_seconds",
            "finetide_checkpoint_write_seconds",
            "finetide_checkpoint_bytes",
            "finetide_classification_seconds",
            "finetide_classification_batch_size",
            "finetide_classification_confidence",
            "finetide_model_load_seconds");
    private static final Pattern OURS = Pattern.compile("\\bfinetide_[a-z_]+");
    private static final JsonNode DASHBOARD = DeployFiles.document("grafana/dashboards/finetide.json");

    @Test
    void alertsAskForMetricsThatThereAre() {
        JsonNode groups = DeployFiles.document("prometheus/finetide.rules.yml").path("groups");
        List<String> expressions = groups.findValuesAsText("expr");

        assertThat(expressions).hasSizeGreaterThan(5);
        assertThat(metrics(expressions)).isNotEmpty().isSubsetOf(names());
    }

    @Test
    void panelsAskForMetricsThatThereAreAndShowAllOfThem() {
        Set<String> shown = metrics(DASHBOARD.findValuesAsText("expr"));
        Set<String> families = shown.stream()
                .map(name -> name.replaceAll("_(bucket|sum|count)$", ""))
                .collect(Collectors.toSet());

        assertThat(shown).isSubsetOf(names());
        assertThat(families).containsAll(PLAIN);
    }

    @Test
    void everyAlertSaysWhatAndWhereToLook() {
        for (JsonNode group :
                DeployFiles.document("prometheus/finetide.rules.yml").path("groups")) {
            for (JsonNode rule : group.path("rules")) {
                assertThat(rule.at("/annotations/summary").asText())
                        .as(rule.path("alert").asText())
                        .isNotBlank();
                assertThat(rule.at("/annotations/description").asText()).isNotBlank();
                assertThat(rule.at("/labels/severity").asText()).isIn("warning", "critical");
                assertThat(DeployFiles.text(DeployFiles.FOLDER.resolve("RUNBOOK.md")))
                        .containsPattern("### .*\\b" + rule.path("alert").asText() + "\\b");
            }
        }
    }

    @Test
    void everyPanelHasATitleAPlaceAndTheProvisionedSource() {
        String source = DeployFiles.document("grafana/provisioning/datasources/prometheus.yml")
                .at("/datasources/0/uid")
                .asText();
        List<Integer> ids = new ArrayList<>();
        for (JsonNode panel : DASHBOARD.path("panels")) {
            ids.add(panel.path("id").asInt());
            assertThat(panel.path("title").asText()).isNotBlank();
            assertThat(panel.at("/gridPos/x").asInt() + panel.at("/gridPos/w").asInt())
                    .isLessThanOrEqualTo(24);
            panel.path("targets")
                    .forEach(target ->
                            assertThat(target.at("/datasource/uid").asText()).isEqualTo(source));
        }
        assertThat(ids).doesNotHaveDuplicates().hasSizeGreaterThan(15);
    }

    private static Set<String> names() {
        Stream<String> parts =
                HISTOGRAMS.stream().flatMap(name -> Stream.of(name + "_bucket", name + "_sum", name + "_count"));
        return Stream.concat(PLAIN.stream(), parts).collect(Collectors.toSet());
    }

    private static Set<String> metrics(List<String> expressions) {
        Set<String> found = new TreeSet<>();
        for (String expression : expressions) {
            Matcher matcher = OURS.matcher(expression);
            while (matcher.find()) {
                found.add(matcher.group());
            }
        }
        return found;
    }
}
