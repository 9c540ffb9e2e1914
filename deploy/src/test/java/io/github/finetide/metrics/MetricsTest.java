package io.github.finetide.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.InferenceMetrics;
import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.JobState;
import io.github.finetide.trainer.jobs.TrainingMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+)(?:\\{(.*)\\})? (\\S+)");

    private final Metrics metrics = new Metrics();

    @AfterEach
    void close() {
        metrics.close();
    }

    private String page() {
        return metrics.registry().scrape();
    }

    /** Sample values by name and labels, as on the page. */
    private Map<String, Double> samples() {
        Map<String, Double> samples = new TreeMap<>();
        page().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            String labels = sample.group(2) == null ? "" : "{" + sample.group(2) + "}";
            samples.put(
                    sample.group(1) + labels, Double.parseDouble(sample.group(3).replace("+Inf", "Infinity")));
        });
        return samples;
    }

    private List<String> types(String prefix) {
        List<String> types = new ArrayList<>();
        page().lines()
                .filter(line -> line.startsWith("# TYPE " + prefix))
                .map(line -> line.substring("# TYPE ".length()))
                .filter(line -> !line.endsWith("_max gauge"))
                .sorted()
                .forEach(types::add);
        return types;
    }

    @Test
    void trainerHasTheMetricsOfTheContract() {
        train(new TrainingMetrics(metrics), "dishes");
        assertThat(types("finetide"))
                .containsExactly(
                        "finetide_checkpoint_bytes histogram",
                        "finetide_checkpoint_write_seconds histogram",
                        "finetide_features_total counter",
                        "finetide_training_accuracy gauge",
                        "finetide_training_active_jobs gauge",
                        "finetide_training_best_accuracy gauge",
                        "finetide_training_epoch gauge",
                        "finetide_training_epoch_seconds histogram",
                        "finetide_training_images_total counter",
                        "finetide_training_jobs_total counter",
                        "finetide_training_learning_rate gauge",
                        "finetide_training_loss gauge",
                        "finetide_training_progress_ratio gauge",
                        "finetide_training_queue_lag gauge",
                        "finetide_training_step_seconds histogram");
        assertThat(samples())
                .containsEntry("finetide_training_jobs_total{state=\"SUCCEEDED\"}", 1.0)
                .containsEntry("finetide_training_jobs_total{state=\"FAILED\"}", 0.0)
                .containsEntry("finetide_training_epoch{model=\"dishes\"}", 3.0)
                .containsEntry("finetide_training_progress_ratio{model=\"dishes\"}", 0.25)
                .containsEntry("finetide_training_loss{model=\"dishes\",split=\"train\"}", 1.5)
                .containsEntry("finetide_training_accuracy{model=\"dishes\",split=\"train\"}", 0.5)
                .containsEntry("finetide_training_best_accuracy{model=\"dishes\"}", 0.75)
                .containsEntry("finetide_training_images_total{split=\"validation\"}", 64.0)
                .containsEntry("finetide_features_total{source=\"helper\"}", 0.0)
                .containsEntry("finetide_training_queue_lag", 4.0)
                .containsEntry("finetide_training_step_seconds_count{phase=\"forward\"}", 1.0)
                .containsEntry("finetide_training_step_seconds_bucket{phase=\"forward\",le=\"2.5\"}", 1.0)
                .containsEntry("finetide_training_step_seconds_bucket{phase=\"forward\",le=\"1.0\"}", 0.0)
                .containsEntry("finetide_checkpoint_bytes_sum", 1048576.0);
    }

    private static void train(TrainingMetrics training, String model) {
        training.jobEnded(JobState.SUCCEEDED);
        training.jobEnded(JobState.PAUSED);
        training.activeJobs(1);
        training.queueLag(4);
        training.progress(model, 3, 0.25);
        training.learningRate(model, 0.001);
        training.scores(model, TrainingMetrics.Split.TRAIN, 1.5, 0.5);
        training.bestAccuracy(model, 0.75);
        training.images(TrainingMetrics.Split.VALIDATION, 64);
        training.step(TrainingMetrics.Phase.FORWARD, Duration.ofMillis(1500));
        training.epoch(Duration.ofSeconds(90));
        training.checkpoint(Duration.ofMillis(20), 1 << 20);
    }

    @Test
    void inferenceWorkerHasTheMetricsOfTheContract() {
        classify(new InferenceMetrics(metrics), "dishes", "job@7");
        assertThat(types("finetide"))
                .containsExactly(
                        "finetide_abstained_total counter",
                        "finetide_classification_batch_size histogram",
                        "finetide_classification_confidence histogram",
                        "finetide_classification_seconds histogram",
                        "finetide_classifications_in_flight gauge",
                        "finetide_classifications_total counter",
                        "finetide_drift_psi gauge",
                        "finetide_model_info gauge",
                        "finetide_model_load_seconds histogram",
                        "finetide_shadow_total counter");
        assertThat(samples())
                .containsEntry(
                        "finetide_classifications_total{model=\"dishes\",outcome=\"classified\",version=\"job@7\"}",
                        1.0)
                .hasEntrySatisfying(
                        "finetide_drift_psi{model=\"dishes\",of=\"classes\",version=\"job@7\"}",
                        psi -> assertThat(psi).isGreaterThan(5))
                .containsEntry(
                        "finetide_shadow_total{agrees=\"false\",model=\"dishes\",shadow=\"job@8\",version=\"job@7\"}",
                        1.0)
                .containsEntry("finetide_classification_seconds_count{phase=\"queue\"}", 1.0)
                .containsEntry("finetide_classification_batch_size_bucket{le=\"8.0\"}", 1.0)
                .containsEntry("finetide_classifications_in_flight", 2.0)
                .containsEntry("finetide_abstained_total{model=\"dishes\",version=\"job@7\"}", 1.0)
                .containsEntry("finetide_classification_confidence_count{model=\"dishes\",version=\"job@7\"}", 1.0)
                .containsEntry("finetide_model_info{model=\"dishes\",precision=\"int8\",version=\"job@7\"}", 1.0);
    }

    private static void classify(InferenceMetrics inference, String model, String version) {
        inference.modelLoaded(model, version, "int8", Duration.ofSeconds(2));
        inference.inFlight(3);
        inference.inFlight(-1);
        inference.batch(5);
        inference.phase(InferenceMetrics.Phase.QUEUE, Duration.ofMillis(4));
        inference.answered(model, version, InferenceMetrics.CLASSIFIED);
        inference.confidence(model, version, 0.75, true);
        inference.shadowed(model, version, "job@8", false);
        inference.expect(
                model, version, new AnswerProfile(Collections.nCopies(AnswerProfile.BINS, 10), List.of(190, 10)));
        for (int i = 0; i < 500; i++) {
            inference.predicted(model, version, 0.75, 1);
        }
    }

    @Test
    void unloadedVersionKeepsWhatItAnswered() {
        InferenceMetrics inference = new InferenceMetrics(metrics);
        classify(inference, "dishes", "job@7");
        inference.modelUnloaded("dishes", "job@7");
        assertThat(page())
                .contains("finetide_classifications_total{model=\"dishes\"")
                .doesNotContain("finetide_model_info{");
    }

    @Test
    void seriesOfAForgottenVersionGo() {
        InferenceMetrics inference = new InferenceMetrics(metrics);
        classify(inference, "dishes", "job@7");
        inference.modelForgotten("dishes", "job@7");
        assertThat(page()).doesNotContain("job@7");
    }

    @Test
    void labelsThatUsersChooseAreBounded() {
        TrainingMetrics training = new TrainingMetrics(metrics);
        InferenceMetrics inference = new InferenceMetrics(metrics);
        for (int number = 0; number < 3000; number++) {
            training.progress("model-" + number, 1, 0);
            inference.answered("model-" + number % 5, "job-" + number + "@1", "expired");
            metrics.deadLetter("topic-" + number, ErrorKind.MALFORMED);
        }
        Map<String, Double> samples = samples();
        assertThat(samples.keySet().stream().filter(name -> name.startsWith("finetide_training_epoch{")))
                .hasSize(Labels.MAX_MODELS + 1);
        assertThat(samples.keySet().stream().filter(name -> name.startsWith("finetide_classifications_total")))
                .hasSizeLessThanOrEqualTo(Labels.MAX_VERSIONS + 5 + ErrorKind.values().length);
        assertThat(samples).containsEntry("finetide_dead_letters_total{kind=\"malformed\",topic=\"other\"}", 2980.0);
    }

    @Test
    void jvmProcessAndSystemAreShown() {
        assertThat(types("jvm")).contains("jvm_memory_used_bytes gauge", "jvm_threads_live_threads gauge");
        assertThat(types("process"))
                .contains("process_uptime_seconds gauge", "process_cpu_usage gauge", "process_files_open_files gauge");
        assertThat(types("system")).contains("system_cpu_count gauge");
        assertThat(samples().get("process_resident_memory_bytes")).isGreaterThan(1e7);
    }

    @Test
    void clientsOfEveryKindShowTheirOwnMetrics() throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", "127.0.0.1:1", "group.id", "g", "client.id", "queue-client");
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (ShareConsumer<byte[], byte[]> shares = new KafkaShareConsumer<>(settings, bytes, bytes);
                Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes);
                AutoCloseable first = metrics.bind(shares);
                AutoCloseable second = metrics.bind(consumer)) {
            assertThat(first).isNotSameAs(second);
            assertThat(page()).contains("kafka_consumer_", "client_id=\"queue-client\"", "kafka_consumer_share_");
        }
    }

    /** Prometheus's own linter; its advice on names is for the libraries' to take. */
    @Test
    @Tag("foreign")
    void prometheusAcceptsThePage() throws IOException, InterruptedException {
        train(new TrainingMetrics(metrics), "dishes \"of\" the\\day");
        classify(new InferenceMetrics(metrics), "dishes", "job@7");
        metrics.deadLetter("training.jobs", ErrorKind.MALFORMED);
        Process promtool = new ProcessBuilder("promtool", "check", "metrics")
                .redirectErrorStream(true)
                .start();
        promtool.getOutputStream().write(page().getBytes(StandardCharsets.UTF_8));
        promtool.getOutputStream().close();
        String said = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        promtool.waitFor();
        assertThat(said.lines().filter(line -> line.contains("finetide") || line.contains("error")))
                .isEmpty();
    }
}
