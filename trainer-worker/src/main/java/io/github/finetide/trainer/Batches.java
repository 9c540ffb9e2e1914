package io.github.finetide.trainer;

/** The batches of a pass, in order. */
interface Batches extends AutoCloseable {

    boolean hasNext();

    /** Returns the next batch; close it before asking for another. */
    Batch next();

    @Override
    void close();
}
