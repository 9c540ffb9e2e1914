/**
 * What all decoders read an image's file with: numbers out of its bytes, palettes, inks, and when to give up. Start at
 * {@link io.github.finetide.image.file.Bytes}. Sees {@code image} and {@code message}.
 */
@NullMarked
package io.github.finetide.image.file;

import org.jspecify.annotations.NullMarked;
