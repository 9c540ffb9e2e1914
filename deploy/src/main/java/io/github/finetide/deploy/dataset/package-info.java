/**
 * {@code finetide dataset}: labelled images, however people keep them, become what a job needs. Start at
 * {@link io.github.finetide.deploy.dataset.DatasetCommand}. Sees of the project only {@code common}; reads no topic.
 */
@NullMarked
package io.github.finetide.deploy.dataset;

import org.jspecify.annotations.NullMarked;
