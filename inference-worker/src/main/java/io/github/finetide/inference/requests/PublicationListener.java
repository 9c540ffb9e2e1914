package io.github.finetide.inference.requests;

/** Learns what was published. Called on the publisher's thread, after the transaction. */
public interface PublicationListener {
    /** A result was committed. */
    void published(RequestResult result);

    /** A record was given up: {@code too_large}, or {@code not_writable} where its topic could not be written. */
    void givenUp(String topic, String reason);
}
