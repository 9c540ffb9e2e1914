/**
 * All of the trainer that knows Kafka: the job queue, who owns a job, and the statuses, metrics and checkpoints that are
 * published. Start at {@link io.github.finetide.trainer.jobs.TrainerWorker}. Sees {@code trainer.training}; no DJL.
 */
@NullMarked
package io.github.finetide.trainer.jobs;

import org.jspecify.annotations.NullMarked;
