/**
 * Records on the wire and their codec. A message that exists is valid. Sees only java.* and Jackson.
 */
@NullMarked
package io.github.finetide.message;

import org.jspecify.annotations.NullMarked;
