package io.github.finetide.trainer.training;

import io.github.finetide.message.FaultException;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.Batches;

/** The batches of a pass with their numbers, and how long the network waited for each. */
final class TimedBatches implements Batches {
    private final Batches batches;
    private final Runnable beforeFailing;
    private int number;
    private long waitedNanos;

    /**
     * Takes the batches over, to be closed with this.
     *
     * @param before how many batches of the pass came before the first of these
     * @param beforeFailing run when a batch cannot be had, before the fault is thrown
     */
    TimedBatches(Batches batches, int before, Runnable beforeFailing) {
        this.batches = batches;
        this.number = before;
        this.beforeFailing = beforeFailing;
    }

    @Override
    public boolean hasNext() {
        return batches.hasNext();
    }

    @Override
    public Batch next() {
        long began = System.nanoTime();
        try {
            Batch batch = batches.next();
            number++;
            return batch;
        } catch (FaultException unreadable) {
            beforeFailing.run();
            throw unreadable;
        } finally {
            waitedNanos = System.nanoTime() - began;
        }
    }

    /** Number of the last batch in its pass, from 1. */
    int number() {
        return number;
    }

    /** How long the last batch was waited for. */
    long waitedNanos() {
        return waitedNanos;
    }

    @Override
    public void close() {
        batches.close();
    }
}
