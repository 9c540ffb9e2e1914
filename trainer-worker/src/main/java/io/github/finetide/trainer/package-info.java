/**
 * The trainer worker: job queue, fine-tuning, checkpoint and metric events.
 */
@NullMarked
package io.github.finetide.trainer;

import org.jspecify.annotations.NullMarked;
