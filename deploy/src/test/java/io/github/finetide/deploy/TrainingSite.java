package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.Best;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Scores;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.tracing.Collector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** The topics and the store of a deployment, its user, and its trainers. */
final class TrainingSite implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private final KafkaSettings kafka;
    private final Topics topics;
    private final Path images;
    private final Path store;
    private final Producer<byte[], byte[]> producer;
    private final Consumer<byte[], byte[]> events;
    private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();
    private final List<TrainerProcess> trainers = new ArrayList<>();

    /**
     * What an epoch gave that must not depend on who trained it, and on how often it was begun.
     *
     * @param digest of its checkpoint: of every tensor, the optimiser's included
     */
    record Epoch(
            int number,
            Scores train,
            ValidationScores validation,
            List<List<Integer>> confusion,
            double learningRate,
            Best best,
            String digest) {}

    /**
     * A deployment whose topics exist.
     *
     * @param images folder of the manifests train.txt and test.txt; logs are written there
     */
    TrainingSite(KafkaSettings kafka, Path images, String store) {
        this.kafka = kafka;
        this.topics = kafka.topics();
        this.images = images;
        this.store = images.resolve(store);
        producer = kafka.producer("user");
        events = kafka.reader("user-events");
        List<TopicPartition> partitions = Stream.of(
                        topics.trainingStatus(),
                        topics.trainingMetrics(),
                        topics.trainingCheckpoints(),
                        topics.modelReleases(),
                        topics.trainingJobs(),
                        topics.featureRequests(),
                        topics.featureResults(),
                        Topics.deadLetters(topics.trainingJobs()),
                        Topics.deadLetters(topics.trainingCommands()))
                .map(topic -> new TopicPartition(topic, 0))
                .toList();
        events.assign(partitions);
        events.seekToBeginning(partitions);
    }

    Topics topics() {
        return topics;
    }

    /** A job's folder in the store. */
    Path folder(String jobId) {
        return store.resolve(jobId);
    }

    TrainerProcess trainer(String id) throws IOException {
        TrainerProcess trainer = TrainerProcess.start(kafka, images, store, id);
        trainers.add(trainer);
        return trainer;
    }

    /** One that sends its spans to a collector. */
    TrainerProcess tracedTrainer(String id, Collector collector) throws IOException {
        List<String> settings = collector.settings().entrySet().stream()
                .map(setting -> "-D" + setting.getKey() + "=" + setting.getValue())
                .toList();
        TrainerProcess trainer = TrainerProcess.start(kafka, images, store, id, settings, List.of("--otel"));
        trainers.add(trainer);
        return trainer;
    }

    /** The trainer that published the job's last status. */
    TrainerProcess owner(String jobId) {
        String worker = last(jobId).worker();
        return trainers.stream()
                .filter(trainer -> trainer.id().equals(worker))
                .reduce((older, newer) -> newer)
                .orElseThrow();
    }

    /** Submits a job of the small network; fields are JSON fields that it has besides. */
    void submit(String jobId, int epochs, String fields) throws Exception {
        submit(jobId, "train", epochs, fields);
    }

    /** The same with a training set of its own: the manifest of that name. */
    void submit(String jobId, String train, int epochs, String fields) throws Exception {
        String json = """
                {"jobId":"%s","model":"%s-model","dataset":{"train":"%s","validation":"%s"},
                 "classes":2,"epochs":%d,"batchSize":8,"imageSize":32,"augmentation":"none","network":"cnn"
                 %s%s%s}""".formatted(
                        jobId,
                        jobId,
                        manifest(train),
                        manifest("test"),
                        epochs,
                        fields.contains("trainable") ? "" : ",\"trainable\":\"all\"",
                        fields.contains("optimizer") ? "" : ",\"optimizer\":{\"learningRate\":0.0001}",
                        fields.isEmpty() ? "" : "," + fields);
        send(topics.trainingJobs(), jobId, json);
    }

    void command(String jobId, String command) throws Exception {
        send(topics.trainingCommands(), jobId, "{\"jobId\":\"%s\",\"command\":\"%s\"}".formatted(jobId, command));
    }

    void send(String topic, String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value.getBytes(UTF_8)))
                .get();
    }

    /** Where the store is. */
    Path store() {
        return store;
    }

    private String manifest(String name) {
        return images.resolve(name + ".txt").toUri().toString();
    }

    /** Reads events until a condition holds. */
    void until(String what, BooleanSupplier condition) {
        await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(50)).until(() -> {
            read(Duration.ofMillis(100));
            return condition.getAsBoolean();
        });
    }

    /** Reads what has arrived. */
    void read(Duration wait) {
        events.poll(wait).forEach(seen::add);
    }

    boolean isFinal(String jobId) {
        return statuses(jobId).stream().anyMatch(status -> status.state().isFinal());
    }

    JobStatus last(String jobId) {
        List<JobStatus> statuses = statuses(jobId);
        return statuses.get(statuses.size() - 1);
    }

    List<JobStatus> statuses(String jobId) {
        return of(topics.trainingStatus(), JobStatus.class, jobId);
    }

    List<EpochMetrics> metrics(String jobId) {
        return of(topics.trainingMetrics(), EpochMetrics.class, jobId);
    }

    List<Integer> epochs(String jobId) {
        return metrics(jobId).stream().map(EpochMetrics::epoch).toList();
    }

    List<CheckpointSaved> checkpoints(String jobId) {
        return of(topics.trainingCheckpoints(), CheckpointSaved.class, jobId);
    }

    List<ModelRelease> releases(String jobId) {
        return of(topics.modelReleases(), ModelRelease.class, jobId + "-model");
    }

    /** Every epoch as it was published, in order. */
    List<Epoch> results(String jobId) {
        List<CheckpointSaved> saved = checkpoints(jobId);
        List<Epoch> results = new ArrayList<>();
        for (EpochMetrics epoch : metrics(jobId)) {
            String digest =
                    results.size() < saved.size() ? saved.get(results.size()).digest() : "no checkpoint was published";
            results.add(new Epoch(
                    epoch.epoch(),
                    epoch.train(),
                    epoch.validation(),
                    epoch.confusionMatrix() == null ? List.of() : epoch.confusionMatrix(),
                    epoch.learningRate(),
                    epoch.best(),
                    digest));
        }
        return results;
    }

    /** Temporary files and interim checkpoints in a job's folder. */
    List<Path> leftovers(String jobId) throws IOException {
        if (Files.notExists(folder(jobId))) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder(jobId))) {
            return files.filter(file -> file.toString().matches(".*(/\\.tmp-[^/]*|/interim/[^/]+)"))
                    .toList();
        }
    }

    private <T> List<T> of(String topic, Class<T> type, String key) {
        return records(topic).stream()
                .filter(record -> key.equals(new String(record.key(), UTF_8)))
                .map(record -> Json.read(record.value(), type))
                .toList();
    }

    /** What was read of a topic, in its order. */
    List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return seen.stream().filter(record -> record.topic().equals(topic)).toList();
    }

    @Override
    public void close() {
        trainers.forEach(TrainerProcess::close);
        producer.close(Duration.ofSeconds(1));
        events.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
}
