/**
 * Which models are served, which of them are in memory, and how they are loaded and checked. Start at
 * {@link io.github.finetide.inference.model.ModelCatalog}. Alone knows DJL here; no Kafka.
 */
@NullMarked
package io.github.finetide.inference.model;

import org.jspecify.annotations.NullMarked;
