/**
 * Kafka inside this JVM, for a local cluster and for tests: one node, one data folder. Start at
 * {@link io.github.finetide.deploy.local.EmbeddedKafka}.
 */
@NullMarked
package io.github.finetide.deploy.local;

import org.jspecify.annotations.NullMarked;
