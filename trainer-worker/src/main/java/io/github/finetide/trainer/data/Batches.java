package io.github.finetide.trainer.data;

/** The batches of a pass, in order. */
public interface Batches extends AutoCloseable {

    boolean hasNext();

    /** Returns the next batch; close it before asking for another. */
    Batch next();

    @Override
    void close();
}
