package io.github.finetide.inference.requests;

/** Is told where answers end: each request that was taken is told of exactly once. */
public interface AnswerListener {
    /** Committed. */
    void published(Answer answer);

    /** Another worker answers, or this one once more. */
    void dropped(Answer answer);
}
