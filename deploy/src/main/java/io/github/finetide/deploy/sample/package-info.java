/**
 * Sample images for the demo, drawn from a seed: 20 kinds of dishes that nobody has to download. Start at
 * {@link io.github.finetide.deploy.sample.SampleImages}. Sees nothing of the rest.
 */
@NullMarked
package io.github.finetide.deploy.sample;

import org.jspecify.annotations.NullMarked;
