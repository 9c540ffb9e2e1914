/**
 * The page that shows how a job went. Start at {@link io.github.finetide.trainer.report.TrainingReport}. Sees neither
 * Kafka nor DJL nor its siblings.
 */
@NullMarked
package io.github.finetide.trainer.report;

import org.jspecify.annotations.NullMarked;
