package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;

/** Counts results by request. */
final class LoadTally {
    private static final String PREFIX = "load-";

    private final int[] results;
    private int answered;
    private int repeated;
    private int rejected;

    LoadTally(int requests) {
        results = new int[requests];
    }

    static String id(int number) {
        return PREFIX + number;
    }

    void add(ClassificationResult result) {
        int number = Integer.parseInt(result.requestId().substring(PREFIX.length()));
        rejected += result instanceof Classified ? 0 : 1;
        if (results[number]++ == 0) {
            answered++;
        } else {
            repeated++;
        }
    }

    /** Requests that have a result. */
    int answered() {
        return answered;
    }

    /** Fails unless every request has one result, a classification. */
    void requireEachOnce() {
        if (answered < results.length || repeated > 0 || rejected > 0) {
            throw new CommandFailure("not each request was classified once: " + this);
        }
    }

    @Override
    public String toString() {
        return "%d of %d answered, %d repeated, %d rejected".formatted(answered, results.length, repeated, rejected);
    }
}
