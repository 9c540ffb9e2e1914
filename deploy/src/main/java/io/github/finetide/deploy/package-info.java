/**
 * The {@code finetide} command, a class for each of its subcommands, and the local cluster that {@code demo} and {@code up}
 * start. Begin at {@link io.github.finetide.deploy.FinetideMain}, then any {@code ...Command}. Sees {@code common}'s rooms and
 * the trainer's and inference's mains, which it starts as processes.
 */
@NullMarked
package io.github.finetide.deploy;

import org.jspecify.annotations.NullMarked;
