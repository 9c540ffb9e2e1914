/**
 * The finetide command and the embedded Kafka it can start.
 */
@NullMarked
package io.github.finetide.deploy;

import org.jspecify.annotations.NullMarked;
