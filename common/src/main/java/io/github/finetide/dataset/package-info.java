/**
 * Labelled images as people keep them: folders of classes, and the part that validates. Start at
 * {@link io.github.finetide.dataset.ClassFolders}. Sees {@code fetch} and {@code message}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.dataset;

import org.jspecify.annotations.NullMarked;
