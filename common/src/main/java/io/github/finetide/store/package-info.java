/**
 * Checkpoints and weights on a disk or S3. Sees message; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.store;

import org.jspecify.annotations.NullMarked;
