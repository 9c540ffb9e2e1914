/**
 * {@code finetide classify}: a few images, or many of them into a file. Start at
 * {@link io.github.finetide.deploy.classify.ClassifyCommand}.
 */
@NullMarked
package io.github.finetide.deploy.classify;

import org.jspecify.annotations.NullMarked;
