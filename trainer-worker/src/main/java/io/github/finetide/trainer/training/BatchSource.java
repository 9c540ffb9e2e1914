package io.github.finetide.trainer.training;

import io.github.finetide.dataset.ContentFolds;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.EpochOrder;
import io.github.finetide.trainer.data.FeatureBatch;
import io.github.finetide.trainer.data.FeatureCache;
import io.github.finetide.trainer.data.FeatureNetwork;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.learning.Learner;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The batches of a job: images decoded ahead of the network or, where the features of an image never change, rows of a table
 * of features. With a frozen backbone validation always uses a table; training does without augmentation or with views.
 */
final class BatchSource implements AutoCloseable {
    private final TrainingJob job;
    private final ImageSet training;
    private final ImageSet validation;
    private final PixelLoader loader;
    private final FeatureCache cache;
    private final Function<FeatureNetwork, FeatureCache> others;
    private final int[] trains;
    private final int[] validates;
    private final String validationTable;
    private final boolean ownsCache;

    /**
     * Takes the cache over, to be closed with this.
     *
     * @param cache of the job's own network
     * @param others makes caches of other networks
     */
    BatchSource(
            TrainingJob job,
            ImageSet training,
            ImageSet validation,
            PixelLoader loader,
            FeatureCache cache,
            Function<FeatureNetwork, FeatureCache> others) {
        this(
                job,
                training,
                validation,
                loader,
                cache,
                others,
                EpochOrder.sequential(training.size()),
                EpochOrder.sequential(validation.size()),
                "validation",
                true);
    }

    /**
     * A part of the images.
     *
     * @param trains places of those that train
     * @param validates places of those that validate
     * @param validationTable the name of the table that has these
     */
    private BatchSource(
            TrainingJob job,
            ImageSet training,
            ImageSet validation,
            PixelLoader loader,
            FeatureCache cache,
            Function<FeatureNetwork, FeatureCache> others,
            int[] trains,
            int[] validates,
            String validationTable,
            boolean ownsCache) {
        this.job = job;
        this.training = training;
        this.validation = validation;
        this.loader = loader;
        this.cache = cache;
        this.others = others;
        this.trains = trains;
        this.validates = validates;
        this.validationTable = validationTable;
        this.ownsCache = ownsCache;
    }

    /** Returns how many tables of training features the job needs; 0 where images are augmented anew every epoch. */
    static int views(TrainingJob job) {
        if (!Learner.fixedFeatures(job)) {
            return 0;
        }
        return job.augmentation().isNone() ? 1 : Math.min(job.augmentation().views(), job.epochs());
    }

    /** Returns the labels of the images that train. */
    int[] trainingLabels() {
        return pick(training.labels(), trains);
    }

    private static int[] pick(int[] values, int[] places) {
        return Arrays.stream(places).map(place -> values[place]).toArray();
    }

    /**
     * Returns the fold of each training image, from 1.
     *
     * @param afterEach run after each image
     */
    int[] folds(int count, Runnable afterEach) {
        List<Integer> labels = Arrays.stream(training.labels()).boxed().toList();
        return ContentFolds.of(training.contents(loader, afterEach), labels, count, job.seed());
    }

    /**
     * Returns a source where some training images train and others validate; its close leaves the features where they are.
     */
    BatchSource part(int[] some, int[] heldOut) {
        // Images that are not augmented look the same to training and validation.
        String table = job.augmentation().isNone() ? trainingTable(1) : "training images that validate";
        ImageSet seen = training.validating(job);
        return new BatchSource(job, training, seen, loader, cache, others, some, heldOut, table, false);
    }

    /** Returns the training pass of an epoch, in that epoch's order. */
    BatchSampler trainingPass(int epoch) {
        return new BatchSampler(training, epoch, pick(trains, order(epoch)), job.batchSize());
    }

    private int[] order(int epoch) {
        if (job.samplesBalanced()) {
            return EpochOrder.balanced(trainingLabels(), job.classes(), job.seed(), epoch);
        }
        return job.shuffle()
                ? EpochOrder.shuffled(trains.length, job.seed(), epoch)
                : EpochOrder.sequential(trains.length);
    }

    BatchSampler validationPass() {
        return new BatchSampler(validation, 1, validates, job.batchSize());
    }

    /** Returns the batches of a training pass, from a batch on (counted from 0). */
    Batches training(BatchSampler pass, int firstBatch, FeatureCache.Watcher watcher) {
        int views = views(job);
        if (views == 0) {
            return loader.load(pass, firstBatch);
        }
        int view = (pass.epoch() - 1) % views + 1;
        return FeatureBatch.load(cache.table(trainingTable(view), all(training, view), watcher), pass, firstBatch);
    }

    private static String trainingTable(int view) {
        return "training view " + view;
    }

    private BatchSampler all(ImageSet images, int view) {
        return new BatchSampler(images, view, EpochOrder.sequential(images.size()), job.batchSize());
    }

    /** Returns the batches of a pass over validation images. */
    Batches validation(BatchSampler pass, FeatureCache.Watcher watcher) {
        return Learner.fixedFeatures(job)
                ? FeatureBatch.load(cache.table(validationTable, all(validation, 1), watcher), pass, 0)
                : loader.load(pass, 0);
    }

    /** Some training images, prepared as validation images are. */
    BatchSampler plainTraining(int[] order) {
        ImageSet plain = ImageSet.validation(job, training.manifest(), training.reader());
        return new BatchSampler(plain, 1, order, job.batchSize());
    }

    int trainingSize() {
        return training.size();
    }

    /** Whether a table has features of all training images without augmentation. */
    boolean hasPlainFeatures() {
        return Learner.fixedFeatures(job) && job.augmentation().isNone();
    }

    /** Starts to give the batches of {@link #plainTraining}. */
    Batches plain(BatchSampler pass, FeatureCache.Watcher watcher) {
        if (!hasPlainFeatures()) {
            return loader.load(pass, 0);
        }
        BatchSampler inOrder = new BatchSampler(training, 1, EpochOrder.sequential(training.size()), job.batchSize());
        return FeatureBatch.load(cache.table("training view 1", inOrder, watcher), pass, 0);
    }

    /** Starts to give the same batches as another network sees them. */
    Batches validation(BatchSampler pass, FeatureNetwork network, FeatureCache.Watcher watcher) {
        if (!Learner.fixedFeatures(job)) {
            return loader.load(pass, 0);
        }
        FeatureCache other = others.apply(network);
        return FeatureBatch.load(other.table("validation", pass, watcher), pass, 0, other::close);
    }

    /** Returns the same source; closing it leaves the features open. */
    BatchSource shared() {
        return new BatchSource(
                job, training, validation, loader, cache, others, trains, validates, validationTable, false);
    }

    @Override
    public void close() {
        if (ownsCache) {
            cache.close();
        }
    }
}
