/**
 * Kafka inside this JVM, for a local cluster and for tests: one node, one data folder.
 */
@NullMarked
package io.github.finetide.deploy.local;

import org.jspecify.annotations.NullMarked;
