package io.github.finetide.trainer.training;

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
import java.util.function.Function;

/**
 * The batches of a job: images decoded ahead of the network or, where the features of an image never change, rows of a table
 * of features. With a frozen backbone validation always uses a table; training does without augmentation or with views.
 */
class BatchSource implements AutoCloseable {
    private final TrainingJob job;
    private final ImageSet training;
    private final ImageSet validation;
    private final PixelLoader loader;
    private final FeatureCache cache;
    private final Function<FeatureNetwork, FeatureCache> others;

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
        this.job = job;
        this.training = training;
        this.validation = validation;
        this.loader = loader;
        this.cache = cache;
        this.others = others;
    }

    /** Returns how many tables of training features the job needs; 0 where images are augmented anew every epoch. */
    static int views(TrainingJob job) {
        if (!Learner.fixedFeatures(job)) {
            return 0;
        }
        return job.augmentation().isNone() ? 1 : Math.min(job.augmentation().views(), job.epochs());
    }

    /** Returns the training pass of an epoch, in that epoch's order. */
    BatchSampler trainingPass(int epoch) {
        return new BatchSampler(training, epoch, order(epoch), job.batchSize());
    }

    private int[] order(int epoch) {
        if (job.samplesBalanced()) {
            return EpochOrder.balanced(training.labels(), job.classes(), job.seed(), epoch);
        }
        return job.shuffle()
                ? EpochOrder.shuffled(training.size(), job.seed(), epoch)
                : EpochOrder.sequential(training.size());
    }

    BatchSampler validationPass() {
        return new BatchSampler(validation, 1, EpochOrder.sequential(validation.size()), job.batchSize());
    }

    /** Returns the batches of a training pass, from a batch on (counted from 0). */
    Batches training(BatchSampler pass, int firstBatch, FeatureCache.Watcher watcher) {
        int views = views(job);
        if (views == 0) {
            return loader.load(pass, firstBatch);
        }
        int view = (pass.epoch() - 1) % views + 1;
        BatchSampler inOrder =
                new BatchSampler(training, view, EpochOrder.sequential(training.size()), job.batchSize());
        return FeatureBatch.load(cache.table("training view " + view, inOrder, watcher), pass, firstBatch);
    }

    /** Returns the batches of a pass over validation images. */
    Batches validation(BatchSampler pass, FeatureCache.Watcher watcher) {
        return Learner.fixedFeatures(job)
                ? FeatureBatch.load(cache.table("validation", validationPass(), watcher), pass, 0)
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
        return new BatchSource(job, training, validation, loader, cache, others) {
            @Override
            public void close() {}
        };
    }

    @Override
    public void close() {
        cache.close();
    }
}
