package io.github.finetide.message;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Valid messages of every kind, drawn from a seed. */
final class RandomMessages {
    private static final String ID_LETTERS = "abcXYZ019._-";
    private static final String TEXT_LETTERS = "aZ 0\u00e9\u4e2d\"\\/{}[]:,@";

    private final Random random;

    RandomMessages(long seed) {
        random = new Random(seed);
    }

    List<Object> oneOfEach() {
        return List.of(
                job(),
                command(),
                request(),
                status(),
                metrics(),
                checkpoint(),
                findings(),
                release(),
                classified(),
                rejected(),
                featureRequest(),
                featureResult(),
                disagreement());
    }

    /** A job as a user would write it, some fields left out. */
    TrainingJob job() {
        Architecture network = pick(Architecture.values());
        boolean frozen = random.nextBoolean();
        int imageSize = 16 + random.nextInt(300);
        int classes = 2 + random.nextInt(5);
        Augmentation augmentation =
                random.nextBoolean() ? Augmentation.NONE : augmentation(imageSize, frozen ? random.nextInt(5) : 0);
        boolean fixed = frozen && (augmentation.isNone() || augmentation.views() > 0);
        boolean balanced = random.nextBoolean();
        return new TrainingJob(
                id(),
                id(),
                dataset(classes),
                classes,
                network,
                network == Architecture.CNN ? "random:" + random.nextInt() : pick("IMAGENET1K_V2", "s3://b/w.pth"),
                pick(Head.values()),
                frozen ? Trainable.HEAD : Trainable.ALL,
                frozen ? BatchNorm.FROZEN : pick(BatchNorm.values()),
                100 + random.nextInt(9900),
                1 + random.nextInt(4096),
                optimizer(),
                new Schedule(
                        pick(ScheduleName.values()), 1 + random.nextInt(99), 0.1 + fraction(), random.nextInt(100)),
                fraction(),
                orNull(() -> balanced ? ClassWeights.BALANCED : new ClassWeights(weights(classes))),
                augmentation,
                imageSize,
                precision(network, frozen),
                balanced || random.nextBoolean(),
                balanced ? pick(Sampling.values()) : null,
                random.nextLong(),
                orNull(() -> pick(ValidationMetric.values())),
                orNull(() -> new EarlyStopping(pick(ValidationMetric.values()), 1 + random.nextInt(9), fraction())),
                new CheckpointPolicy(1 + random.nextInt(9)),
                pick(ReleasePolicy.values()),
                orNull(() -> Duration.ofMillis(1 + random.nextInt(1_000_000))),
                random.nextBoolean(),
                fixed ? orNull(() -> 2 + random.nextInt(19)) : null,
                fixed ? orNull(this::sweep) : null,
                orNull(() -> new FeaturePolicy(random.nextBoolean())));
    }

    private Sweep sweep() {
        return new Sweep(
                orNull(() -> List.of(fraction(), fraction())),
                orNull(() -> List.of(fraction())),
                orNull(() -> List.of(fraction(), 0.0, 0.1)),
                orNull(() -> List.of(OptimizerName.values())));
    }

    private CrossValidation crossValidation() {
        return new CrossValidation(1 + random.nextInt(20), meanDeviation(), meanDeviation(), meanDeviation());
    }

    private MeanDeviation meanDeviation() {
        return new MeanDeviation(fraction(), fraction());
    }

    private SweepValues sweepValues() {
        return new SweepValues(
                orNull(this::fraction),
                orNull(this::fraction),
                orNull(this::fraction),
                orNull(() -> pick(OptimizerName.values())));
    }

    private Dataset dataset(int classes) {
        List<String> names = random.nextBoolean() ? names(classes) : null;
        return random.nextBoolean()
                ? new Dataset(uri(), uri(), null, names)
                : new Dataset(uri(), null, 0.01 + 0.89 * fraction(), names);
    }

    private List<Double> weights(int classes) {
        return IntStream.range(0, classes).mapToObj(i -> 0.1 + fraction()).toList();
    }

    private Precision precision(Architecture network, boolean frozen) {
        if (!frozen) {
            return Precision.FP32;
        }
        return network == Architecture.CNN ? pick(Precision.FP32, Precision.BF16) : pick(Precision.values());
    }

    private Optimizer optimizer() {
        double momentum = fraction();
        return new Optimizer(
                pick(OptimizerName.values()),
                fraction(),
                fraction(),
                fraction(),
                fraction() * 1e-7,
                fraction(),
                momentum,
                momentum > 0 && random.nextBoolean());
    }

    private Augmentation augmentation(int crop, int views) {
        return new Augmentation(
                crop + random.nextInt(50),
                fraction() * 180,
                crop,
                fraction(),
                fraction(),
                fraction(),
                fraction(),
                fraction(),
                fraction() / 2,
                fraction(),
                views);
    }

    FeatureRequest featureRequest() {
        return new FeatureRequest(
                id(),
                sha256(),
                id(),
                pick(Architecture.values()),
                pick(Precision.values()),
                sha256(),
                orNull(() -> Map.of("layer1.0.conv1", fraction(), text(), fraction())),
                16 + random.nextInt(300),
                orNull(() -> augmentation(16, 3)),
                random.nextLong(),
                1 + random.nextInt(9),
                text(),
                List.of(new FeatureImage(uri(), sha256()), new FeatureImage(uri(), sha256())),
                time(),
                time());
    }

    FeatureResult featureResult() {
        return new FeatureResult(
                id(),
                sha256(),
                orNull(this::text),
                orNull(this::sha256),
                random.nextInt(512),
                fraction(),
                text(),
                orNull(this::error),
                time());
    }

    TrainingCommand command() {
        return new TrainingCommand(id(), pick(Command.values()));
    }

    ClassificationRequest request() {
        return new ClassificationRequest(
                text(),
                image(),
                orNull(this::id),
                orNull(this::text),
                1 + random.nextInt(9),
                orNull(this::time),
                orNull(this::fraction),
                pick(List.of(), List.of(Include.CAM), List.of(Include.EMBEDDING, Include.CAM)));
    }

    JobStatus status() {
        JobState state = pick(JobState.values());
        return JobStatus.builder(text(), state, time())
                .model(orNull(this::id))
                .worker(orNull(this::text))
                .epoch(random.nextInt(9))
                .epochs(random.nextInt(9))
                .progress(fraction())
                .etaSeconds(orNull(this::fraction))
                .best(orNull(this::best))
                .resumedFromEpoch(orNull(() -> random.nextInt(9)))
                .attempt(random.nextInt(4))
                .crashes(random.nextInt(4))
                .sequence(random.nextInt(9))
                .startedAt(orNull(this::time))
                .finishedAt(state.isFinal() ? time() : null)
                .error(state == JobState.FAILED ? error() : orNull(this::error))
                .reason(orNull(this::text))
                .warnings(orNull(() -> names(2)))
                .jobDigest(orNull(this::sha256))
                .jobOffset(orNull(random::nextLong))
                .jobTopicId(orNull(this::text))
                .delivery(orNull(() -> random.nextInt(10)))
                .features(orNull(() -> new FeatureCounts(
                        random.nextInt(100), random.nextInt(100), random.nextInt(100), random.nextInt(100))))
                .weightsFrom(orNull(() -> WeightsFrom.of(release())))
                .crossValidation(orNull(this::crossValidation))
                .sweep(orNull(() -> new SweepStatus(9, random.nextInt(9), orNull(() -> 3), orNull(this::sweepValues))))
                .build();
    }

    EpochMetrics metrics() {
        int epochs = 1 + random.nextInt(30);
        return new EpochMetrics(
                id(),
                id(),
                1 + random.nextInt(epochs),
                epochs,
                new Scores(fraction() * 9, fraction()),
                new ValidationScores(
                        fraction() * 9, fraction(), fraction(), orNull(this::fraction), orNull(this::fraction)),
                orNull(() -> List.of(List.of(random.nextInt(9), 0), List.of(1, 2))),
                orNull(() -> List.of(
                        new ClassScores(text(), fraction(), fraction(), random.nextInt(9), orNull(this::fraction)))),
                fraction(),
                random.nextBoolean(),
                best(),
                fraction(),
                fraction(),
                text(),
                time(),
                orNull(() -> random.nextInt(1000)),
                orNull(this::sweepValues),
                orNull(() -> 1 + random.nextInt(20)));
    }

    CheckpointSaved checkpoint() {
        return new CheckpointSaved(
                id(),
                id(),
                1 + random.nextInt(99),
                store(),
                sha256(),
                random.nextInt(1 << 30),
                new Scores(fraction(), fraction()),
                random.nextBoolean(),
                pick(Architecture.values()),
                sha256(),
                orNull(() -> Map.of("int8", new PrecisionScores(fraction(), 1), "bf16", new PrecisionScores(1, 0))),
                orNull(this::confidence),
                orNull(() -> weights(3)),
                orNull(this::crossValidation),
                time());
    }

    private Confidence confidence() {
        return new Confidence(
                0.1 + fraction(),
                new BeforeAfter(fraction(), fraction()),
                new BeforeAfter(fraction() * 9, fraction()),
                List.of(new ConfidenceThreshold(fraction(), fraction(), orNull(this::fraction))));
    }

    DatasetFindings findings() {
        List<Finding> findings = List.of(finding(), finding());
        return new DatasetFindings(
                id(), id(), FindingCounts.of(findings), findings, release().uri(), time());
    }

    private Finding finding() {
        return new Finding(
                pick(FindingKind.values()),
                release().uri(),
                orNull(() -> 1 + random.nextInt(9)),
                orNull(() -> release().uri()),
                text(),
                orNull(this::text),
                fraction(),
                orNull(() -> release().uri()));
    }

    ModelRelease release() {
        String version = ModelRelease.version(id(), 1 + random.nextInt(99));
        return new ModelRelease(id(), version, store(), sha256(), time(), orNull(this::text));
    }

    ClassificationResult.Classified classified() {
        List<Prediction> predictions = IntStream.range(0, random.nextInt(6))
                .mapToObj(i -> new Prediction(text(), i, fraction()))
                .toList();
        return new ClassificationResult.Classified(
                text(),
                text(),
                id(),
                text(),
                predictions,
                orNull(this::fraction),
                orNull(() -> pick(Decision.values())),
                orNull(() -> Embedding.of(new float[] {1, (float) fraction()})),
                orNull(() -> new ClassActivationMap(3, 1, 2, List.of(-fraction(), fraction()))),
                text(),
                time(),
                timings());
    }

    ClassificationResult.Rejected rejected() {
        return new ClassificationResult.Rejected(
                text(), orNull(this::text), orNull(this::id), orNull(this::text), error(), text(), time(), timings());
    }

    private ClassificationDisagreement disagreement() {
        return new ClassificationDisagreement(
                text(), orNull(this::text), id(), versionAnswer(), versionAnswer(), text(), time());
    }

    private VersionAnswer versionAnswer() {
        return new VersionAnswer(text(), text(), random.nextInt(99), fraction(), fraction());
    }

    private Timings timings() {
        return new Timings(fraction(), random.nextInt(99), fraction() * 99, 0, fraction());
    }

    private Best best() {
        return new Best(1 + random.nextInt(99), fraction(), fraction() * 3);
    }

    private ErrorDetail error() {
        return new ErrorDetail(pick(ErrorKind.values()), text() + "\n" + text());
    }

    private List<String> names(int count) {
        return IntStream.range(0, count).mapToObj(i -> text() + i).toList();
    }

    private URI uri() {
        return URI.create(pick("file:///data/", "http://host/", "https://host:8443/", "s3://bucket/") + id());
    }

    private URI image() {
        byte[] bytes = new byte[random.nextInt(9)];
        random.nextBytes(bytes);
        return pick(uri(), InlineImage.of(bytes, "png"));
    }

    private URI store() {
        return URI.create(pick("file:///store/", "s3://bucket/") + id());
    }

    private String id() {
        return "j" + letters(ID_LETTERS, random.nextInt(20));
    }

    private String text() {
        return "t" + letters(TEXT_LETTERS, random.nextInt(20));
    }

    private String letters(String letters, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    private String sha256() {
        return letters("0123456789abcdef", 64);
    }

    private double fraction() {
        return random.nextInt(10) == 0 ? 0 : random.nextDouble();
    }

    private Instant time() {
        return Instant.ofEpochMilli(random.nextLong(4_000_000_000_000L));
    }

    @SafeVarargs
    private <T> T pick(T... values) {
        return values[random.nextInt(values.length)];
    }

    private <T> @Nullable T orNull(Supplier<T> value) {
        return random.nextInt(3) == 0 ? null : value.get();
    }
}
