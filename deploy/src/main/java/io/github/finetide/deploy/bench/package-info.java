/**
 * {@code finetide bench}: measures this machine, and others' programs beside ours. Start at
 * {@link io.github.finetide.deploy.bench.Bench}. Each contestant has a process of its own; what is compared takes turns, so
 * that whatever disturbs the machine disturbs all. Sees every package; of its classes only
 * {@link io.github.finetide.deploy.bench.FinetidePeer} uses tensors.
 */
@NullMarked
package io.github.finetide.deploy.bench;

import org.jspecify.annotations.NullMarked;
