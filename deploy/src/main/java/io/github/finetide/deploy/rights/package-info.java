/**
 * The rights that each role needs on a secured cluster, made from the code's own list of topics, and how they are
 * printed for an administrator. Begin at {@link io.github.finetide.deploy.rights.Role}. Sees the topics of {@code kafka}
 * and Kafka's types for rights; asks no broker.
 */
@NullMarked
package io.github.finetide.deploy.rights;

import org.jspecify.annotations.NullMarked;
