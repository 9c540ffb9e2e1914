/**
 * Checkpoints and weights on a disk or in S3. Start at {@link io.github.finetide.store.Checkpoints}. Sees {@code message}, and
 * {@code fetch} for its S3 clients; no Kafka, no DJL.
 *
 * <p>Promises: what is not published does not exist; what is read is verified; the same job gives the same bytes.
 */
@NullMarked
package io.github.finetide.store;

import org.jspecify.annotations.NullMarked;
