package io.github.finetide.trainer.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Network;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.EpochOrder;
import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.trainer.review.EvidenceTable;
import io.github.finetide.trainer.review.ImageEvidence;
import io.github.finetide.trainer.review.OutOfFold;
import java.util.Arrays;
import java.util.Optional;

/** Features of a job's images and probabilities of its validation images, of as many as memory and time allow. */
final class Evidence {
    /** Where features of training images must be computed for this: a ResNet152 takes 200 s for so many, two cores busy. */
    static final int MOST_COMPUTED = 2000;

    /** Probabilities of validation images, votes or out-of-fold probabilities of training images: 64 MB. */
    private static final int MOST_PROBABILITIES = 16 << 20;

    /** The epochs of training count from 1; calibration and measurement have 0 and -1. */
    private static final int DRAW = -2;

    private final TrainingJob job;
    private final BatchSource source;
    private final Network network;
    private final Runnable afterEach;
    private final int[] training;
    private final int[] validation;
    private final boolean[] isChosen;
    private final EvidenceTable trainingRows;
    private final EvidenceTable validationRows;
    private final float[] probabilities;
    private int seen;
    private int kept;

    Evidence(TrainingJob job, BatchSource source, Network network, Runnable afterEach) {
        this.job = job;
        this.source = source;
        this.network = network;
        this.afterEach = afterEach;
        int columns = network.layout().featureCount();
        int most = Math.min(EvidenceTable.mostImages(columns), MOST_PROBABILITIES / job.classes());
        int ofValidation = source.validationPass().order().length;
        boolean cheap = source.hasPlainFeatures() || job.network() == Architecture.CNN;
        int ofTraining = Math.min(source.trainingSize(), cheap ? most : MOST_COMPUTED);
        validation = some(ofValidation, Math.max(most / 2, most - ofTraining));
        training = some(source.trainingSize(), Math.min(ofTraining, most - validation.length));
        isChosen = new boolean[ofValidation];
        Arrays.stream(validation).forEach(index -> isChosen[index] = true);
        trainingRows = new EvidenceTable(columns);
        validationRows = new EvidenceTable(columns);
        probabilities = new float[Math.multiplyExact(validation.length, job.classes())];
    }

    private int[] some(int size, int most) {
        return size <= most
                ? EpochOrder.sequential(size)
                : Arrays.stream(EpochOrder.shuffled(size, job.seed(), DRAW))
                        .limit(most)
                        .sorted()
                        .toArray();
    }

    void pass() {
        afterEach.run();
    }

    /** Takes in the next validation images, in order. */
    void validation(float[] features, float[] likely) {
        int images = likely.length / job.classes();
        int columns = features.length / images;
        for (int i = 0; i < images; i++) {
            if (isChosen[seen++]) {
                validationRows.add(Arrays.copyOfRange(features, i * columns, (i + 1) * columns));
                System.arraycopy(likely, i * job.classes(), probabilities, kept++ * job.classes(), job.classes());
            }
        }
        afterEach.run();
    }

    /** Computes features of training images, not augmented. */
    void readTraining() {
        BatchSampler pass = source.plainTraining(training);
        try (Batches batches = source.plain(pass, (batch, count, size) -> afterEach.run())) {
            while (batches.hasNext()) {
                try (Batch batch = batches.next();
                        NDManager scope = network.scope()) {
                    NDArray input = batch.input(scope);
                    NDArray features = batch.hasFeatures() ? input : network.features(input, false);
                    trainingRows.add(features.toFloatArray());
                }
                afterEach.run();
            }
        }
    }

    /** @param outOfFold of all training images, where the job was cross-validated */
    ImageEvidence ofTraining(Optional<OutOfFold> outOfFold) {
        Manifest manifest = source.plainTraining(training).images().manifest();
        float[] unlearned = outOfFold
                .filter(kept -> kept.images() == source.trainingSize() && kept.classes() == job.classes())
                .map(kept -> kept.probabilities(training))
                .orElse(null);
        return new ImageEvidence(manifest, training, trainingRows.rows(), trainingRows.columns(), unlearned);
    }

    ImageEvidence ofValidation() {
        Manifest manifest = source.validationPass().images().manifest();
        return new ImageEvidence(manifest, validation, validationRows.rows(), validationRows.columns(), probabilities);
    }

    /** How many images were looked at, in words. */
    String lookedAt() {
        return "Looked at with the released model: " + words(training.length, source.trainingSize()) + " training and "
                + words(validation.length, isChosen.length) + " validation images.";
    }

    private static String words(int some, int all) {
        return some == all ? "all " + all : some + " of " + all;
    }
}
