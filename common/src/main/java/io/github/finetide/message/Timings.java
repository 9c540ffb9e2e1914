package io.github.finetide.message;

/** Where a request's time went, in milliseconds: in the topic, fetching, decoding, waiting for a batch, in the network. */
public record Timings(
        double queueMillis, double fetchMillis, double decodeMillis, double waitMillis, double inferenceMillis) {

    public static final Timings NONE = new Timings(0, 0, 0, 0, 0);

    public Timings {
        Check.notNegative("queueMillis", queueMillis);
        Check.notNegative("fetchMillis", fetchMillis);
        Check.notNegative("decodeMillis", decodeMillis);
        Check.notNegative("waitMillis", waitMillis);
        Check.notNegative("inferenceMillis", inferenceMillis);
    }
}
