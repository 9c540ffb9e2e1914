/**
 * TIFF without a library, but for CCITT and JPEG: directory, layout, strips and tiles, colours. Start at {@link
 * io.github.finetide.image.tiff.TiffDirectory}. Sees {@code image.file}, {@code image} and {@code message}.
 */
@NullMarked
package io.github.finetide.image.tiff;

import org.jspecify.annotations.NullMarked;
