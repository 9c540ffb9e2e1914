/**
 * What a training reports, and how it is stopped, paused and estimated: the line between the job's loop and whoever watches
 * it. Begin at {@link io.github.finetide.trainer.progress.Progress}. Sees messages and the store's records; neither Kafka nor
 * DJL.
 */
@NullMarked
package io.github.finetide.trainer.progress;

import org.jspecify.annotations.NullMarked;
