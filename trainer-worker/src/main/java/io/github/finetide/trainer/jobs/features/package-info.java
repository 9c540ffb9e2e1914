/**
 * Parts of jobs' features on their way to trainers without a job, and back. Start at {@link
 * io.github.finetide.trainer.jobs.features.HelperTopics}, which asks; {@link
 * io.github.finetide.trainer.jobs.features.FeatureHelper} helps.
 *
 * <p>Promises: what goes wrong here costs time, never a job. See RATIONALE.md, Why does nobody wait for a helper?
 */
@NullMarked
package io.github.finetide.trainer.jobs.features;

import org.jspecify.annotations.NullMarked;
