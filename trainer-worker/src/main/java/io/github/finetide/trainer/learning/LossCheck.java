package io.github.finetide.trainer.learning;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.network.FiniteNumbers;
import java.util.function.Consumer;

/** Refuses a loss that is not finite: says where it was met and what the numbers say of its cause. */
final class LossCheck implements Consumer<DeferredBatchResults.Reading> {
    static final String LOWER_RATE = "a lower learning rate or a warm-up may keep it finite";
    private static final String BACKBONE =
            "the layers that do not train give numbers that are not finite for these images: it is the starting weights";
    private static final String FIRST_STEP =
            "no step has changed the weights yet: it is the starting weights, which give this for these images";
    private static final String RUNNING_STATISTICS =
            "training was finite by each batch's own statistics: the running ones"
                    + " do not fit these images, or the last steps went too far and " + LOWER_RATE;

    private static final String NOTHING_COUNTS =
            "classWeights are 0 for all images of the batch, so there is nothing to take the mean of";

    private final Learner learner;
    private final int epoch;
    private final boolean trains;
    private int batch;

    /**
     * @param trains whether the pass is training, else it is validation
     * @param batchesBefore of the pass, which were checked before
     */
    LossCheck(Learner learner, int epoch, boolean trains, int batchesBefore) {
        this.learner = learner;
        this.epoch = epoch;
        this.trains = trains;
        this.batch = batchesBefore;
    }

    /** @throws FaultException NOT_FINITE naming epoch, pass and batch */
    @Override
    public void accept(DeferredBatchResults.Reading reading) {
        batch++;
        if (!Float.isFinite(reading.loss())) {
            throw new FaultException(
                    ErrorKind.NOT_FINITE,
                    "epoch %d, %s batch %d: the loss is %s; %s"
                            .formatted(
                                    epoch, trains ? "training" : "validation", batch, reading.loss(), cause(reading)));
        }
    }

    private String cause(DeferredBatchResults.Reading reading) {
        boolean finiteFeatures = reading.finiteFeatures();
        if (learner.countsNothing(reading.labels())) {
            return NOTHING_COUNTS;
        }
        if (learner.trainsHeadOnly() && !finiteFeatures) {
            return BACKBONE;
        } else if (learner.neverMoves() || (trains && epoch == 1 && batch == 1)) {
            return FIRST_STEP;
        }
        String fault =
                FiniteNumbers.fault(learner.moved()).map(found -> found + "; ").orElse("");
        boolean differsInTraining = !trains && !finiteFeatures && learner.usesBatchStatistics();
        return fault + (differsInTraining ? RUNNING_STATISTICS : LOWER_RATE);
    }
}
