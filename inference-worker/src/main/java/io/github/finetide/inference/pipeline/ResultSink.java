package io.github.finetide.inference.pipeline;

import io.github.finetide.message.FaultException;

/** Where requests leave the pipeline: each exactly once. */
public interface ResultSink {
    /** The network's answer. */
    void classified(Prepared prepared, float[] probabilities, BatchTimes times);

    void rejected(RequestInFlight work, PreparationTimings effort, FaultException why);

    /** Nobody waits for an answer of this worker any more. */
    void dropped(RequestInFlight work);
}
