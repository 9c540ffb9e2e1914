package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.Augmentation;
import io.github.finetide.message.BeforeAfter;
import io.github.finetide.message.Best;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.ClassScores;
import io.github.finetide.message.ClassificationDisagreement;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.Command;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.ConfidenceThreshold;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.DatasetFindings;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.FeatureImage;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.FindingKind;
import io.github.finetide.message.InlineImage;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.MeanDeviation;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.Prediction;
import io.github.finetide.message.Scores;
import io.github.finetide.message.Timings;
import io.github.finetide.message.TrainingCommand;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.message.VersionAnswer;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One or more messages of every kind, with and without what may be absent. */
final class Samples {
    static final String JOB = "{\"jobId\":\"j-1\",\"model\":\"dishes\",\"dataset\":"
            + "{\"train\":\"file:///d/train.txt\",\"validation\":\"s3://d/test.txt\"}}";

    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.120Z");
    private static final String SHA256 = "0123456789abcdef".repeat(4);
    private static final URI FOLDER = URI.create("file:///store/j-1/epoch-0007");
    private static final Best BEST = new Best(6, 0.75, 1.5);
    private static final ErrorDetail ERROR = new ErrorDetail(ErrorKind.NOT_FOUND, "train.txt:3: no such file");

    private Samples() {}

    static Stream<Object> all() {
        return Stream.of(
                        Stream.of(job(""), job(",\"augmentation\":\"none\",\"network\":\"cnn\",\"imageSize\":64")),
                        Stream.of(job(",\"optimizer\":{\"name\":\"sgd\",\"momentum\":0.9},\"maxDuration\":\"PT6H\","
                                + "\"earlyStopping\":{\"patience\":3},\"classes\":2")),
                        Arrays.stream(Command.values()).map(command -> new TrainingCommand("j-1", command)),
                        Arrays.stream(JobState.values()).map(Samples::status),
                        Arrays.stream(ErrorKind.values()).map(Samples::rejected),
                        Stream.of(metrics(), checkpoint(), findings(), release(), classified(), disagreement()),
                        Stream.of(featureRequest(), featureResult()),
                        Stream.of(
                                request("", ""),
                                new ClassificationRequest(
                                        "r-2", InlineImage.of(new byte[] {1}, "png"), null, null, 1, null),
                                request(",\"model\":\"m\"", ",\"expiresAt\":\"2026-01-31T12:00:00Z\"")))
                .flatMap(messages -> messages);
    }

    private static TrainingJob job(String fields) {
        String json = JOB.substring(0, JOB.length() - 1) + fields + "}";
        return Json.read(json.getBytes(UTF_8), TrainingJob.class);
    }

    private static ClassificationRequest request(String model, String expiry) {
        String json = "{\"requestId\":\"r-1\",\"image\":\"https://host/a.jpg\"" + model + expiry + "}";
        return Json.read(json.getBytes(UTF_8), ClassificationRequest.class);
    }

    private static JobStatus status(JobState state) {
        boolean end = state.isFinal();
        return JobStatus.builder("j-1", state, NOW)
                .model(end ? null : "dishes")
                .worker("trainer-1")
                .epoch(7)
                .epochs(20)
                .progress(0.35)
                .etaSeconds(end ? null : 12.5)
                .best(BEST)
                .resumedFromEpoch(end ? null : 3)
                .attempt(1)
                .sequence(9)
                .startedAt(NOW)
                .finishedAt(end ? NOW : null)
                .error(end ? ERROR : null)
                .reason(end ? "because" : null)
                .warnings(end ? null : List.of("two images are the same"))
                .jobDigest(SHA256)
                .jobOffset(17L)
                .jobTopicId("WLL1yIBiRfKQrUGCT3AZpg")
                .delivery(1)
                .crossValidation(crossValidation())
                .features(new FeatureCounts(2000, 1980, 20, 0))
                .build();
    }

    private static CrossValidation crossValidation() {
        return new CrossValidation(
                5, new MeanDeviation(0.75, 0.01), new MeanDeviation(1.5, 0.2), new MeanDeviation(0.7, 0));
    }

    private static EpochMetrics metrics() {
        return new EpochMetrics(
                "j-1",
                "dishes",
                7,
                20,
                new Scores(1.25, 0.5),
                new ValidationScores(1.5, 0.5, 1, 0.25, 0.5),
                List.of(List.of(1, 0), List.of(2, 3)),
                List.of(new ClassScores("soup", 0.5, 1, 4, 0.66), new ClassScores("rice", 0, 0, 0)),
                1e-3,
                false,
                BEST,
                12.5,
                7.5,
                "trainer-1",
                NOW,
                null,
                null,
                2);
    }

    private static CheckpointSaved checkpoint() {
        return new CheckpointSaved(
                "j-1",
                "dishes",
                7,
                FOLDER,
                SHA256,
                1L << 40,
                new Scores(1.5, 0.5),
                false,
                Architecture.RESNET152,
                SHA256,
                Map.of("int8", new PrecisionScores(0.5, 0.99)),
                new Confidence(
                        1.5,
                        new BeforeAfter(0.2, 0.1),
                        new BeforeAfter(1.2, 1.1),
                        List.of(new ConfidenceThreshold(0.5, 0.5, 1.0), new ConfidenceThreshold(0.99, 0, null))),
                List.of(0.5, 1.5),
                crossValidation(),
                NOW);
    }

    private static FeatureRequest featureRequest() {
        return new FeatureRequest(
                "j-1",
                SHA256,
                "resnet152-int8-" + SHA256.substring(32),
                Architecture.RESNET152,
                Precision.INT8,
                SHA256,
                Map.of("layer1.0.conv1", 3.5),
                256,
                Augmentation.NONE,
                7,
                1,
                "1 resized 256",
                List.of(new FeatureImage(URI.create("file:///d/a.jpg"), SHA256)),
                NOW,
                NOW);
    }

    private static FeatureResult featureResult() {
        return new FeatureResult(
                "j-1", SHA256, "features/b/" + SHA256 + ".safetensors", SHA256, 1, 0.5, "trainer-2", ERROR, NOW);
    }

    private static DatasetFindings findings() {
        URI list = URI.create("file:///d/train.txt");
        URI image = URI.create("file:///d/1.jpg");
        List<Finding> findings = List.of(
                new Finding(FindingKind.LABEL_ERROR, list, 7, image, "soup", "rice", 0.75, null),
                new Finding(FindingKind.LEAK, list, null, image, "soup", null, 0.99, URI.create("file:///d/2.jpg")),
                new Finding(FindingKind.SMALL_CLASS, list, null, null, "rice", null, 3, null));
        return new DatasetFindings("j-1", "dishes", FindingCounts.of(findings), findings, FOLDER, NOW);
    }

    private static ModelRelease release() {
        return new ModelRelease("dishes", ModelRelease.version("j-1", 7), FOLDER, SHA256, NOW, "best epoch of j-1");
    }

    private static ClassificationResult classified() {
        return new ClassificationResult.Classified(
                "r-1",
                "file:///a.jpg",
                "dishes",
                "j-1@7",
                List.of(new Prediction("soup", 3, 0.75)),
                "inference-1",
                NOW,
                new Timings(1.5, 0, 2, 20, 35));
    }

    private static ClassificationDisagreement disagreement() {
        return new ClassificationDisagreement(
                "r-1",
                "file:///a.jpg",
                "dishes",
                new VersionAnswer("j-1@7", "soup", 3, 0.75, 0.7),
                new VersionAnswer("j-2@1", "rice", 1, 0.5, 0.5),
                "inference-1",
                NOW);
    }

    private static ClassificationResult rejected(ErrorKind kind) {
        return new ClassificationResult.Rejected(
                "r-1", null, null, null, new ErrorDetail(kind, "why"), "inference-1", NOW, Timings.NONE);
    }
}
