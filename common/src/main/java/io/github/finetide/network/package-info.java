/**
 * The TorchScript pages of the networks, and what runs them. Start at {@link io.github.finetide.network.Network}. Sees DJL,
 * {@code tensor} and {@code message}; no Kafka.
 */
@NullMarked
package io.github.finetide.network;

import org.jspecify.annotations.NullMarked;
