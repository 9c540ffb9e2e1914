/**
 * Topics, client settings, event publishing, dead letters. Sees message; no image, no network.
 */
@NullMarked
package io.github.finetide.kafka;

import org.jspecify.annotations.NullMarked;
