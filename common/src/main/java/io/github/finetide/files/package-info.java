/**
 * Folders and what becomes of them: temporary ones that end with their process. Sees nothing of ours; start at
 * {@link io.github.finetide.files.TemporaryFolder}.
 */
@NullMarked
package io.github.finetide.files;

import org.jspecify.annotations.NullMarked;
