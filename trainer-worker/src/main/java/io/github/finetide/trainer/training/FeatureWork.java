package io.github.finetide.trainer.training;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureRequest;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Computes parts of other workers' jobs, on one thread. */
public interface FeatureWork {
    /**
     * Sees to it that the store has the rows that are asked for.
     *
     * @param isWanted asked between batches; where it says no, what is computed by then is in the store
     * @return SHA-256 of each shard that was written
     * @throws FaultException INVALID where this worker would compute other bits
     */
    List<String> compute(FeatureRequest request, BooleanSupplier isWanted);

    /** Gives back the memory of the network that the last part needed: its like is not expected soon. */
    void rest();
}
