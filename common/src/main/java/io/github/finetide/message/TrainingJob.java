package io.github.finetide.message;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What to train, from what, and how. In JSON most fields may be left out: see {@link Defaults}.
 *
 * @param classWeights in training and validation loss; null where all classes count alike
 * @param sampling null for {@link Sampling#ALL}: a job that does not ask for another has the digest that it always had
 * @param folds of a cross-validation; null where there is none
 * @param features null where other trainers may help, for the same reason
 * @param bestBy null for {@link ValidationMetric#ACCURACY}, for the same reason
 * @param classes 0 until the class folders that the job names are read ({@link #withClasses})
 */
public record TrainingJob(
        String jobId,
        String model,
        Dataset dataset,
        int classes,
        Architecture network,
        String weights,
        Head head,
        Trainable trainable,
        BatchNorm batchNorm,
        int epochs,
        int batchSize,
        Optimizer optimizer,
        Schedule schedule,
        double labelSmoothing,
        @Nullable ClassWeights classWeights,
        Augmentation augmentation,
        int imageSize,
        Precision precision,
        boolean shuffle,
        @Nullable Sampling sampling,
        long seed,
        @Nullable ValidationMetric bestBy,
        @Nullable EarlyStopping earlyStopping,
        CheckpointPolicy checkpoint,
        ReleasePolicy release,
        @Nullable Duration maxDuration,
        boolean dryRun,
        @Nullable Integer folds,
        @Nullable Sweep sweep,
        @Nullable FeaturePolicy features)
        implements Input {

    /** The one set of weights known by name. */
    public static final String IMAGENET = "IMAGENET1K_V2";

    /** The store keeps starting weights, and features, where these jobs' files would lie. */
    private static final Set<String> RESERVED_IDS = Set.of("weights", "features");

    /** What begins so in the store is swept away. */
    private static final String TEMPORARY = ".tmp-";

    static final int MIN_FOLDS = 2;
    static final int MAX_FOLDS = 20; // beyond it, each model is trained on 95 % of the images and more
    static final int MAX_EPOCHS = 10_000;
    static final int MIN_IMAGE_SIZE = 16; // below it the last stage of a ResNet sees a single padded pixel
    static final int MAX_IMAGE_SIZE = 2048; // one image's activations then take about 1.5 GB

    /** The class folders say how many. */
    static final int CLASSES_OF_FOLDERS = 0;

    private static final int MAX_CLASSES = 100_000;
    private static final int MAX_BATCH = 4096;
    private static final Pattern RANDOM = Pattern.compile("random:-?[0-9]{1,18}");
    private static final Set<String> WEIGHT_SCHEMES = Set.of("file", "https", "s3");

    public TrainingJob {
        Check.id("jobId", jobId);
        Check.require(!RESERVED_IDS.contains(jobId), "jobId", jobId, "any other name");
        Check.require(!jobId.startsWith(TEMPORARY), "jobId", jobId, "a name that does not begin with " + TEMPORARY);
        Check.id("model", model);
        if (classes != CLASSES_OF_FOLDERS || !dataset.hasClassFolders()) {
            Check.range("classes", classes, 2, MAX_CLASSES);
        }
        Check.range("epochs", epochs, 1, MAX_EPOCHS);
        Check.range("batchSize", batchSize, 1, MAX_BATCH);
        Check.fraction("labelSmoothing", labelSmoothing);
        Check.range("imageSize", imageSize, MIN_IMAGE_SIZE, MAX_IMAGE_SIZE);
        if (maxDuration != null) {
            Check.positive("maxDuration", maxDuration);
        }
        sampling = sampling == Sampling.ALL ? null : sampling;
        features = features != null && features.helpers() ? null : features;
        bestBy = bestBy == ValidationMetric.ACCURACY ? null : bestBy;
        Check.require(
                sampling == null || shuffle, "shuffle", shuffle, "true with sampling balanced, which draws at random");
        if (classWeights != null && classes != CLASSES_OF_FOLDERS) {
            classWeights.check(classes);
        }
        checkWeights(weights, network);
        checkClassNames(dataset.classNames(), classes);
        boolean frozenBackbone = trainable == Trainable.HEAD && batchNorm == BatchNorm.FROZEN;
        String needs = "only with trainable head and batchNorm frozen";
        Check.require(precision != Precision.INT8 || frozenBackbone, "precision", precision.wire(), "int8 " + needs);
        Check.require(
                augmentation.views() == 0 || frozenBackbone,
                "augmentation.views",
                augmentation.views(),
                "0; above 0 " + needs);
        boolean fixedFeatures = trainable == Trainable.HEAD
                && (batchNorm == BatchNorm.FROZEN || network == Architecture.CNN)
                && (augmentation.isNone() || augmentation.views() > 0);
        Check.require(
                sweep == null || fixedFeatures,
                "sweep",
                "given",
                "only with trainable head, batchNorm frozen, and augmentation none or with views");
        if (folds != null) {
            Check.range("folds", folds, MIN_FOLDS, MAX_FOLDS);
            Check.require(
                    fixedFeatures,
                    "folds",
                    folds,
                    "only with trainable head, batchNorm frozen, and augmentation none or with views");
        }
        Check.require(
                schedule.warmupEpochs() <= epochs,
                "schedule.warmupEpochs",
                schedule.warmupEpochs(),
                "0 to epochs (" + epochs + ")");
        if (network == Architecture.CNN) {
            checkCnn(trainable, augmentation, imageSize);
            Check.require(precision != Precision.INT8, "precision", precision.wire(), "fp32 or bf16 with network cnn");
        }
    }

    /** The name of every class, by its number: as given, or "0", "1", ... */
    public List<String> classNames() {
        List<String> names = dataset.classNames();
        return names != null
                ? names
                : IntStream.range(0, classes).mapToObj(Integer::toString).toList();
    }

    /** The same job, where its class folders are known. */
    public TrainingJob withClasses(List<String> names) {
        ObjectNode tree = (ObjectNode) RecordWriter.tree(this);
        tree.put("classes", names.size());
        names.forEach(((ObjectNode) tree.get("dataset")).putArray("classNames")::add);
        return new RecordReader(false).read("", tree, TrainingJob.class);
    }

    /** The same job for files that others read: its URIs without what proves who somebody is. */
    public TrainingJob redacted() {
        ObjectNode tree = (ObjectNode) RecordWriter.tree(this);
        boolean hidden = redact(tree, "weights");
        hidden |= redact((ObjectNode) tree.get("dataset"), "train");
        hidden |= redact((ObjectNode) tree.get("dataset"), "validation");
        return hidden ? new RecordReader(false).read("", tree, TrainingJob.class) : this;
    }

    private static boolean redact(ObjectNode tree, String field) {
        String text = tree.path(field).asText("");
        String shown = Redacted.imageUri(text);
        if (!shown.equals(text)) {
            tree.put(field, shown);
        }
        return !shown.equals(text);
    }

    /** Returns the variants of the sweep, as jobs of their own, without folds; one where it has none. */
    public List<TrainingJob> variants() {
        return sweep == null
                ? List.of(folds == null ? this : alone(SweepValues.NONE))
                : sweep.variants().stream().map(this::alone).toList();
    }

    private TrainingJob alone(SweepValues values) {
        ObjectNode tree = (ObjectNode) RecordWriter.tree(this);
        tree.remove("sweep");
        tree.remove("folds");
        values.writeTo(tree);
        return new RecordReader(false).read("", tree, TrainingJob.class);
    }

    /** Whether an epoch draws its images, every class equally likely. */
    public boolean samplesBalanced() {
        return sampling == Sampling.BALANCED;
    }

    /** Whether other trainers may compute parts of its features. */
    public boolean takesHelp() {
        return features == null;
    }

    /** What the best epoch is the best by. */
    public ValidationMetric bestMetric() {
        return bestBy == null ? ValidationMetric.ACCURACY : bestBy;
    }

    /** SHA-256 of the job's canonical JSON, defaults filled in: equal for jobs that mean the same. */
    public String digest() {
        return Json.digest(this);
    }

    private static void checkWeights(String weights, Architecture network) {
        if (ModelWeights.of(weights).isPresent()) {
            return;
        }
        String allowed = (network == Architecture.CNN ? "" : IMAGENET + ", ")
                + "a file:, https: or s3: URI, model:<name>[@<version>], or random:<seed>";
        boolean named = weights.equals(IMAGENET) && network != Architecture.CNN;
        boolean ok = named || RANDOM.matcher(weights).matches() || isWeightUri(weights);
        String foreign = UriText.isForeign(weights) ? "; this scheme is not supported" : "";
        Check.require(ok, "weights", weights, allowed + foreign);
    }

    private static boolean isWeightUri(String weights) {
        try {
            URI uri = UriText.strict(weights);
            return uri.getScheme() != null && WEIGHT_SCHEMES.contains(uri.getScheme());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static void checkClassNames(@Nullable List<String> names, int classes) {
        if (names != null && classes != CLASSES_OF_FOLDERS) {
            Check.require(
                    names.size() == classes,
                    "dataset.classNames",
                    names.size() + " names",
                    "as many as classes (" + classes + ")");
        }
    }

    private static void checkCnn(Trainable trainable, Augmentation augmentation, int imageSize) {
        Check.require(trainable != Trainable.LAYER4, "trainable", trainable.wire(), "head or all with network cnn");
        Check.require(
                augmentation.isNone() || augmentation.crop() == imageSize,
                "augmentation.crop",
                augmentation.crop(),
                "imageSize (" + imageSize + ") with network cnn, whose linear layer fits one size");
    }
}
