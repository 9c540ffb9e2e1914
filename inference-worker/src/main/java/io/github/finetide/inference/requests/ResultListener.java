package io.github.finetide.inference.requests;

/** Is told where answers end: each request that was taken is told of exactly once. */
public interface ResultListener {
    /** Committed. */
    void published(RequestResult answer);

    /** Another worker answers, or this one once more. */
    void dropped(RequestResult answer);
}
