/**
 * The TorchScript pages, weights and what runs them. Sees DJL, image and message; no Kafka.
 */
@NullMarked
package io.github.finetide.network;

import org.jspecify.annotations.NullMarked;
