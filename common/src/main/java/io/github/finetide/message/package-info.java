/**
 * Records on the wire and their codec. Start at {@link io.github.finetide.message.TrainingJob} and
 * {@link io.github.finetide.message.ClassificationRequest}. A message that exists is valid. Sees only java.* and Jackson.
 */
@NullMarked
package io.github.finetide.message;

import org.jspecify.annotations.NullMarked;
