package io.github.finetide.deploy;

import io.github.finetide.deploy.classify.ClassificationClient;
import io.github.finetide.deploy.sample.SampleImages;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Prediction;
import io.github.finetide.message.TrainingJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A job and some requests through a cluster, checked at every step: it ends well only if everything happened. */
final class Demo {
    private static final Duration RELEASE_LIMIT = Duration.ofSeconds(30);

    /** A worker loads and warms up a ResNet152 in seconds; the machine may be busy. */
    private static final Duration LOAD_LIMIT = Duration.ofMinutes(2);

    private static final Duration RESULTS_LIMIT = Duration.ofMinutes(2);

    private final LocalCluster cluster;
    private final KafkaSettings kafka;
    private final Screen screen;

    Demo(LocalCluster cluster, Screen screen) {
        this.cluster = cluster;
        this.kafka = cluster.kafka();
        this.screen = screen;
    }

    /** An image that neither training nor validation saw, and what is on it. */
    private record HeldOut(Path image, String truth) {}

    /** Trains, waits for the release, classifies the held-out images and shows the outcome. */
    void run(String json, SampleImages images) throws IOException, InterruptedException {
        byte[] message = json.getBytes(StandardCharsets.UTF_8);
        TrainingJob job = Json.read(message, TrainingJob.class);
        String releases = kafka.topics().modelReleases();
        try (EventTail tail = EventTail.fromNow(kafka, Map.of(releases, ModelRelease.class))) {
            train(job, message);
            ModelRelease release = release(tail, job.model());
            screen.line("Released    %s as model %s", release.version(), release.model());
            awaitLoaded(release);
            classify(job, heldOut(images));
        }
    }

    private void train(TrainingJob job, byte[] message) {
        screen.line("");
        screen.line(
                "Fine-tuning %s for %d epochs; what follows arrives from the topics",
                job.network().wire(), job.epochs());
        try (JobFollower follower = new JobFollower(kafka, screen, job.jobId())) {
            Messages.send(kafka, kafka.topics().trainingJobs(), job.jobId(), message);
            JobStatus end = follower.follow(cluster.trainer()::isAlive);
            check(end.state() == JobState.SUCCEEDED, "the job " + end.state().wire() + TrainCommand.why(end));
            List<Integer> seen =
                    follower.view().epochs().stream().map(EpochMetrics::epoch).toList();
            List<Integer> wanted =
                    IntStream.rangeClosed(1, job.epochs()).boxed().toList();
            check(seen.equals(wanted), "metrics came for the epochs " + seen + ", not for each of " + wanted + " once");
        }
    }

    private static ModelRelease release(EventTail tail, String model) {
        Instant limit = Instant.now().plus(RELEASE_LIMIT);
        while (Instant.now().isBefore(limit)) {
            for (var event : tail.poll(Duration.ofMillis(200))) {
                if (event instanceof ModelRelease release && release.model().equals(model)) {
                    return release;
                }
            }
        }
        throw new CommandFailure("no release of %s within %d s".formatted(model, RELEASE_LIMIT.toSeconds()));
    }

    private void awaitLoaded(ModelRelease release) throws IOException, InterruptedException {
        for (WorkerProcess worker : cluster.workers()) {
            if (!worker.equals(cluster.trainer())) {
                worker.awaitMetric("version=\"" + release.version() + "\"", LOAD_LIMIT);
            }
        }
    }

    private static List<HeldOut> heldOut(SampleImages images) throws IOException {
        List<HeldOut> heldOut = new ArrayList<>();
        for (String line : Files.readAllLines(images.heldOut())) {
            int space = line.lastIndexOf(' ');
            int label = Integer.parseInt(line.substring(space + 1));
            Path image = images.heldOut().resolveSibling(line.substring(0, space));
            heldOut.add(new HeldOut(image, SampleImages.classNames().get(label)));
        }
        return heldOut;
    }

    private void classify(TrainingJob job, List<HeldOut> images) {
        List<ClassificationRequest> requests = IntStream.range(0, images.size())
                .mapToObj(i -> new ClassificationRequest(
                        "demo-" + i, images.get(i).image().toUri(), job.model(), null, 5, null))
                .toList();
        screen.line("");
        screen.line("Classifying %d held-out images", images.size());
        Map<String, ClassificationResult> results;
        try (ClassificationClient client = ClassificationClient.open(kafka, screen::line)) {
            results = client.classify(requests, RESULTS_LIMIT, answered -> {});
        }
        TextTable table = new TextTable("image", "truth", "prediction", ">probability", "");
        int right = 0;
        for (int i = 0; i < images.size(); i++) {
            Classified result =
                    classified(requests.get(i), results.get(requests.get(i).requestId()));
            Prediction best = result.predictions().get(0);
            boolean isRight = best.label().equals(images.get(i).truth());
            right += isRight ? 1 : 0;
            table.row(
                    images.get(i).image().getFileName().toString(),
                    images.get(i).truth(),
                    best.label(),
                    Texts.percent(best.probability()),
                    isRight ? "right" : "");
        }
        table.lines(screen.columns()).forEach(line -> screen.line("%s", line));
        screen.line(
                "%d of %d right (%s); guessing would get %s",
                right,
                images.size(),
                Texts.percent((double) right / images.size()),
                Texts.percent(1.0 / job.classes()));
    }

    private static Classified classified(ClassificationRequest request, @Nullable ClassificationResult result) {
        if (result instanceof Rejected rejected) {
            throw new CommandFailure("%s was rejected: %s"
                    .formatted(request.image(), rejected.error().message()));
        }
        check(result instanceof Classified, request.image() + " has no result");
        return (Classified) Objects.requireNonNull(result);
    }

    private static void check(boolean ok, String otherwise) {
        if (!ok) {
            throw new CommandFailure(otherwise);
        }
    }
}
