package io.github.finetide.inference.requests;

import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.inference.pipeline.ResultSink;
import io.github.finetide.message.FaultException;

/** Turns what leaves the pipeline into answers; what nobody wants is out of hand at once. */
public final class ResultPublication implements ResultSink {
    private final ResultWriter writer;
    private final Publisher publisher;
    private final InFlight inHand;

    public ResultPublication(ResultWriter writer, Publisher publisher, InFlight inHand) {
        this.writer = writer;
        this.publisher = publisher;
        this.inHand = inHand;
    }

    @Override
    public void classified(Prepared prepared, float[] probabilities, BatchTimes times) {
        ModelInfo info = prepared.lease().model().info();
        publisher.submit(() -> writer.classified(prepared, info, probabilities, times));
    }

    @Override
    public void rejected(RequestInFlight work, PreparationTimings effort, FaultException why) {
        publisher.submit(() -> writer.rejected(work, effort, why));
    }

    @Override
    public void dropped(RequestInFlight work) {
        inHand.leave(Intake.bytes(PolledRequest.of(work).record()));
    }
}
