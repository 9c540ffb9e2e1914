/**
 * What a released model makes of its validation images: every prediction, and pictures for the report. Start at
 * {@link io.github.finetide.trainer.review.ImagePredictions}. Sees {@code data}, {@code report} and the network; no Kafka.
 */
@NullMarked
package io.github.finetide.trainer.review;

import org.jspecify.annotations.NullMarked;
