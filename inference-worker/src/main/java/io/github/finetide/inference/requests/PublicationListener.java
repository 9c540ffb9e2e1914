package io.github.finetide.inference.requests;

import java.util.List;

/** Learns what was published. Called on the publisher's thread, after the transaction. */
public interface PublicationListener {
    /** A result was committed. */
    void published(RequestResult result);

    /** Why records are given up: their topic refuses them even in brief, or cannot be written. */
    List<String> REASONS = List.of("refused", "not_writable");

    /** A record was given up, for one of these {@link #REASONS}. */
    void givenUp(String topic, String reason);
}
