/**
 * Everything about Kafka that is not a worker's own: topics, client settings, CloudEvents headers, dead letters, views of
 * topics, replay. Start at {@link io.github.finetide.kafka.Topics}.
 *
 * <p>May see {@code message}; no image, no network, no store. Promises: every wait has a named limit; every client reads
 * committed records only; keys and values are bytes, so nothing is lost or re-encoded on the way to a dead-letter topic.
 */
@NullMarked
package io.github.finetide.kafka;

import org.jspecify.annotations.NullMarked;
