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

    /** Of the small network, which got 34 of 40 right when this was written: with less something is broken. */
    private static final double LEAST_RIGHT = 0.5;

    private final LocalCluster cluster;
    private final KafkaSettings kafka;
    private final Screen screen;

    Demo(LocalCluster cluster, Screen screen) {
        this.cluster = cluster;
        this.kafka = cluster.kafka();
        this.screen = screen;
    }

    /** An image that neither training nor validation saw, and what is on it. */
    private record HeldOut(Path image, String truth) {
        boolean isRight(Prediction prediction) {
            return prediction.label().equals(truth);
        }
    }

    /**
     * A job of the demo.
     *
     * @param json as it goes to the topic
     * @param title of its model in the table
     * @param explanation what it shows
     */
    record Part(String json, String title, String explanation) {
        TrainingJob job() {
            return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        }
    }

    /** Trains each, waits for its release, then classifies the held-out images with all and shows the outcome. */
    void run(List<Part> parts, SampleImages images) throws IOException, InterruptedException {
        for (Part part : parts) {
            String releases = kafka.topics().modelReleases();
            try (EventTail tail = EventTail.fromNow(kafka, Map.of(releases, ModelRelease.class))) {
                train(part);
                ModelRelease release = release(tail, part.job().model());
                screen.line("Released    %s as model %s", release.version(), release.model());
                awaitLoaded(release);
            }
        }
        classify(parts, heldOut(images));
    }

    private void train(Part part) {
        TrainingJob job = part.job();
        byte[] message = part.json().getBytes(StandardCharsets.UTF_8);
        screen.line("");
        screen.line("%s", part.explanation());
        screen.line("%d epochs; what follows arrives from the topics", job.epochs());
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

    private void classify(List<Part> parts, List<HeldOut> images) {
        screen.line("");
        screen.line("Classifying %d held-out images with each", images.size());
        List<List<Prediction>> predictions =
                parts.stream().map(part -> predictions(part, images)).toList();
        List<String> titles = new ArrayList<>(List.of("image", "truth"));
        parts.forEach(part -> titles.add(part.title()));
        TextTable table = new TextTable(titles.toArray(String[]::new));
        for (int i = 0; i < images.size(); i++) {
            HeldOut image = images.get(i);
            List<String> row =
                    new ArrayList<>(List.of(image.image().getFileName().toString(), image.truth()));
            for (List<Prediction> ofPart : predictions) {
                Prediction best = ofPart.get(i);
                String label = image.isRight(best) ? "right" : best.label();
                row.add(label + ", " + Texts.percent(best.probability()));
            }
            table.row(row.toArray(String[]::new));
        }
        table.lines(screen.columns()).forEach(line -> screen.line("%s", line));
        screen.line("");
        for (int p = 0; p < parts.size(); p++) {
            summarize(parts.get(p), predictions.get(p), images);
        }
        int classes = SampleImages.classNames().size();
        screen.line("Guessing would get %s.", Texts.percent(1.0 / classes));
        double right = (double) right(predictions.get(0), images) / images.size();
        check(right >= LEAST_RIGHT, "the small network gets too few images right: " + Texts.percent(right));
    }

    private void summarize(Part part, List<Prediction> predictions, List<HeldOut> images) {
        int right = right(predictions, images);
        String share = Texts.percent((double) right / images.size());
        screen.line("%-14s %d of %d right (%s)", part.title(), right, images.size(), share);
    }

    private static int right(List<Prediction> predictions, List<HeldOut> images) {
        return (int) IntStream.range(0, images.size())
                .filter(i -> images.get(i).isRight(predictions.get(i)))
                .count();
    }

    /** The most probable class of each image. */
    private List<Prediction> predictions(Part part, List<HeldOut> images) {
        String model = part.job().model();
        List<ClassificationRequest> requests = IntStream.range(0, images.size())
                .mapToObj(i -> new ClassificationRequest(
                        model + "-" + i, images.get(i).image().toUri(), model, null, 5, null))
                .toList();
        try (ClassificationClient client = ClassificationClient.open(kafka, screen::line)) {
            Map<String, ClassificationResult> results = client.classify(requests, RESULTS_LIMIT, answered -> {});
            return requests.stream()
                    .map(request -> classified(request, results.get(request.requestId()))
                            .predictions()
                            .get(0))
                    .toList();
        }
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
