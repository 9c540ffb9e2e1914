package io.github.finetide.trainer.training;

import io.github.finetide.image.Pixels;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.network.weights.ResolvedWeights;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.store.Newest;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.data.ContentDigests;
import io.github.finetide.trainer.data.FeatureCache;
import io.github.finetide.trainer.data.FeatureEvents;
import io.github.finetide.trainer.data.FeatureExtraction;
import io.github.finetide.trainer.data.FeatureNetwork;
import io.github.finetide.trainer.data.FeatureOrder;
import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.data.JobImages;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.ControlPoint;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.FeatureAccount;
import io.github.finetide.trainer.progress.JobProgressEstimator;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.OutageRetry;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a job to where its loop can start: checks it, or finds where an earlier worker left it. */
final class TrainingSetup {
    private static final int GOLDEN_IMAGES = 4; // 800 KB a checkpoint at 256 pixels

    private static final Logger log = LoggerFactory.getLogger(TrainingSetup.class);

    private final SweepTable sweep;
    private final TrainerResources resources;
    private final Progress progress;
    private final ControlPoint control;
    private final OutageRetry outages;
    private final CheckpointBook book;
    private final ImageReader reader;
    private TrainingJob job;
    private StartingPoint start;

    /** @param sweep that the job is a variant of; {@link SweepTable#none} where it has none */
    TrainingSetup(TrainingJob job, SweepTable sweep, TrainerResources resources, Progress progress) {
        this.job = job;
        this.sweep = sweep;
        this.resources = resources;
        this.progress = progress;
        control = new ControlPoint(progress);
        outages = new OutageRetry(control, progress);
        book = new CheckpointBook(job.jobId(), sweep, resources.checkpoints(), progress, outages);
        reader = new ImageReader(resources.images(), resources.decoder());
        start = new StartingPoint(job, resources);
    }

    CheckpointBook book() {
        return book;
    }

    /** Checks and opens the job, and reports that it starts; empty after the checks of a dry run. */
    Optional<TrainingRun> open(PixelLoader loader) {
        Newest newest = book.open();
        if (newest.checkpoint().isEmpty()) { // what a job goes on from has its weights
            outages.retry("find the model to start from", () -> start.weightsFrom(progress));
        }
        JobImages images = images(loader);
        ImageSet training = ImageSet.training(job, images.training(), reader);
        ImageSet validation = ImageSet.validation(job, images.validation(), reader);
        SizeChecks.check(job, training, validation);
        JobProgressEstimator estimator = new JobProgressEstimator(
                job, training.size(), validation.size(), BatchSource.views(job), Learner.fixedFeatures(job));
        estimator.among(sweep.trials(), sweep.trialsDone());
        String estimate = Estimate.of(job, training.manifest(), validation.manifest(), estimator, resources.device());
        log.atInfo()
                .addKeyValue("job", job.jobId())
                .addKeyValue("estimate", estimate)
                .log("Job opened");
        return newest.checkpoint().isPresent()
                ? Optional.of(resume(newest, loader, training, validation, estimator, estimate))
                : begin(loader, training, validation, estimator, estimate);
    }

    /** Checks first what is quick to check: the weights, then every image. */
    private Optional<TrainingRun> begin(
            PixelLoader loader,
            ImageSet training,
            ImageSet validation,
            JobProgressEstimator estimator,
            String estimate) {
        StartingPoint.Chosen chosen = outages.retry("fetch the starting weights", () -> start.resolve(progress));
        ResolvedWeights weights = chosen.weights();
        StateDict tensors = start.fresh(chosen);
        List<String> warnings = with(
                start.warnings(chosen),
                new Preflight(loader, reader, control)
                        .check(training.manifest(), validation.manifest(), job.classNames()));
        TensorData golden = golden(validation);
        start.checkFeatures(tensors, golden);
        if (job.dryRun()) {
            progress.started(new JobStart(Optional.empty(), Optional.empty(), warnings, estimate));
            return Optional.empty();
        }
        outages.retry("store the starting weights", () -> start.store(weights));
        Calibrating calibrating = new Calibrating(job, training.manifest(), reader, loader);
        @Nullable List<Double> classWeights = ClassCounts.weights(job, training.labels());
        Learner learner = learner(
                tensors, job.precision() == Precision.INT8 ? ranges(calibrating, tensors) : none(), classWeights);
        TrainingState state = TrainingState.start(job, weights.sha256(), classWeights);
        progress.started(new JobStart(
                Optional.empty(),
                Optional.empty(),
                with(
                        with(otherPrecision(learner), warnings),
                        Estimate.saving(job, training.size(), validation.size(), estimator)),
                estimate));
        BatchSource source = source(
                loader, features(learner, tensors), order(learner, weights.sha256()), training, validation, estimator);
        return Optional.of(session(weights.dict(), learner, source, golden, calibrating, estimator, state));
    }

    /** Reads the lists of images; from here on the job knows its classes. */
    private JobImages images(PixelLoader loader) {
        ContentDigests contents = new ContentDigests(loader, reader, control::stopIfRequested);
        JobImages images = JobImages.read(job, resources.images(), outages::retry, contents::sha256);
        job = images.job();
        start = new StartingPoint(job, resources);
        return images;
    }

    private TrainingRun resume(
            Newest newest,
            PixelLoader loader,
            ImageSet training,
            ImageSet validation,
            JobProgressEstimator estimator,
            String estimate) {
        Found found = newest.checkpoint().orElseThrow();
        checkSameJob(found.manifest());
        book.renewReport();
        TrainingState state = TrainingState.of(job, found.manifest(), training.size());
        LocalCheckpoint checkpoint = book.fetch(found);
        StateDict starting = outages.retry("fetch the starting weights", () -> start.stored(state.weightsDigest()));
        StateDict tensors = StartingPoint.whole(starting, checkpoint);
        StartingPoint.checkFinite(tensors, found.saved().uri());
        Learner learner = learner(tensors, StartingPoint.ranges(checkpoint), state.classWeights());
        learner.restoreOptimizer(StartingPoint.read(checkpoint, CheckpointManifest.OPTIMIZER));
        int epochs = state.history().size();
        estimator.doneBefore(
                (long) epochs * training.size() + state.sums().images(), (long) epochs * validation.size());
        Optional<EpochResult> last =
                outages.retry("find a checkpoint", book::last).map(saved -> ProgressReporter.recovered(state, saved));
        Optional<SavedCheckpoint> best = outages.retry("find a checkpoint", book::best);
        estimator.among(0, sweep.folds()); // done before the first epoch
        progress.started(new JobStart(last, best, with(otherPrecision(learner), damages(newest)), estimate));
        Calibrating calibrating = new Calibrating(job, training.manifest(), reader, loader);
        BatchSource source = source(
                loader,
                features(learner, tensors),
                order(learner, state.weightsDigest()),
                training,
                validation,
                estimator);
        return session(starting, learner, source, golden(validation), calibrating, estimator, state);
    }

    private Optional<ActivationRanges> ranges(Calibrating calibrating, StateDict tensors) {
        return calibrating.ranges(options(), tensors, control::stopIfRequested);
    }

    private static Optional<ActivationRanges> none() {
        return Optional.empty();
    }

    /** A warning where the job's precision is not to be had here. */
    private List<String> otherPrecision(Learner learner) {
        Precision runs = learner.precision();
        return runs == job.precision()
                ? List.of()
                : List.of(
                        "precision " + job.precision().wire() + " cannot be had here, the job runs in " + runs.wire());
    }

    private static List<String> with(List<String> first, List<String> second) {
        return Stream.concat(first.stream(), second.stream()).toList();
    }

    private void checkSameJob(CheckpointManifest saved) {
        if (!saved.job().equals(job.redacted())) {
            throw FaultException.invalid(
                    "jobId", job.jobId(), "a new one: the store has checkpoints of another job with this one");
        }
    }

    private static List<String> damages(Newest newest) {
        return newest.damaged().stream()
                .map(damage -> "checkpoint " + damage.uri() + " is damaged and passed over: " + damage.reason())
                .toList();
    }

    private NetworkOptions options() {
        return new NetworkOptions(job.network(), job.precision(), resources.device());
    }

    private Learner learner(StateDict tensors, Optional<ActivationRanges> ranges, @Nullable List<Double> classWeights) {
        Network network = Learner.fixedFeatures(job)
                ? Network.frozen(options(), tensors, ranges.orElse(null))
                : Network.open(options(), tensors);
        return new Learner(job, network, ranges, ClassCounts.array(classWeights));
    }

    private FeatureCache cache(
            PixelLoader loader, FeatureNetwork network, FeatureEvents events, @Nullable FeatureOrder order) {
        FeatureExtraction extraction = new FeatureExtraction(loader, network, resources.features(), events, order);
        return new FeatureCache(extraction, resources.temporary(), FeatureCache.MAX_MEMORY_BYTES);
    }

    private FeatureNetwork features(Learner learner, StateDict tensors) {
        if (!Learner.fixedFeatures(job)) {
            return new FeatureNetwork("none", learner.featureCount(), 1, learner::features); // asked for no rows
        }
        NetworkOptions options = new NetworkOptions(job.network(), learner.precision(), resources.device());
        return NetworkFeatures.of(options, tensors, learner.ranges(), learner.featureCount(), learner::features);
    }

    /** What other trainers need to know; null where none is to help. */
    private @Nullable FeatureOrder order(Learner learner, String weightsDigest) {
        return job.takesHelp()
                ? new FeatureOrder(
                        resources.helpers(),
                        job.jobId(),
                        job.network(),
                        learner.precision(),
                        weightsDigest,
                        learner.precision() == Precision.INT8
                                ? learner.ranges()
                                        .map(ActivationRanges::numbers)
                                        .orElse(null)
                                : null,
                        job.imageSize(),
                        job.seed())
                : null;
    }

    private BatchSource source(
            PixelLoader loader,
            FeatureNetwork features,
            @Nullable FeatureOrder order,
            ImageSet training,
            ImageSet validation,
            JobProgressEstimator estimator) {
        // Whoever trains the best of a sweep reads the same rows again.
        boolean counted = !sweep.variants().isEmpty() && sweep.isComplete();
        FeatureEvents events = new FeatureAccount(estimator, counted ? new UnwatchedProgress() : progress);
        return new BatchSource(
                job,
                training,
                validation,
                loader,
                cache(loader, features, events, order),
                other -> cache(loader, other, FeatureEvents.NONE, null));
    }

    private TrainingRun session(
            StateDict starting,
            Learner learner,
            BatchSource source,
            TensorData goldenImages,
            Calibrating calibrating,
            JobProgressEstimator estimator,
            TrainingState state) {
        GoldenImages golden = new GoldenImages(goldenImages, Learner.fixedFeatures(job));
        ReleaseLogits logits = new ReleaseLogits(job, resources.device(), source);
        PrecisionTrial trial = new PrecisionTrial(job, resources.device(), source, calibrating);
        ReleaseMeasurement measurement = new ReleaseMeasurement(job, book, logits, trial, starting, progress);
        ReleaseReview review = new ReleaseReview(job, resources.device(), book, source, starting);
        return new TrainingRun(
                control,
                new CheckpointSaver(book, starting, golden),
                golden,
                learner,
                source,
                measurement,
                review,
                estimator,
                state);
    }

    private static TensorData golden(ImageSet images) {
        int count = Math.min(GOLDEN_IMAGES, images.size());
        ByteBuffer pixels = ByteBuffer.allocate(count * images.imageBytes());
        for (int i = 0; i < count; i++) {
            pixels.put(images.pixels(1, i));
        }
        long[] shape = {count, images.edge(), images.edge(), Pixels.CHANNELS};
        return new TensorData("images", ElementType.U8, shape, pixels.flip());
    }
}
