package io.github.finetide.trainer.data;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.transform.Preprocessing;
import io.github.finetide.message.TrainingJob;

/**
 * A job's training or validation images as the network sees them, short of normalisation.
 *
 * @param edge of the square images, in pixels
 */
public record ImageSet(Manifest manifest, ImageReader reader, Transform transform, int edge) {

    /** What is done to a decoded image; index is its place in the manifest. */
    @FunctionalInterface
    interface Transform {
        Pixels apply(Pixels image, int epoch, int index);
    }

    /** The validation transform: the same in every epoch. */
    public static ImageSet validation(TrainingJob job, Manifest manifest, ImageReader reader) {
        int size = job.imageSize();
        return new ImageSet(manifest, reader, (image, epoch, index) -> Preprocessing.validation(image, size), size);
    }

    /** The training transform: random, but by (seed, epoch, index) alone. */
    public static ImageSet training(TrainingJob job, Manifest manifest, ImageReader reader) {
        int edge = job.augmentation().isNone()
                ? job.imageSize()
                : job.augmentation().crop();
        Transform transform = (image, epoch, index) ->
                Preprocessing.training(image, job.augmentation(), job.imageSize(), job.seed(), epoch, index);
        return new ImageSet(manifest, reader, transform, edge);
    }

    public int size() {
        return manifest.entries().size();
    }

    int label(int index) {
        return manifest.entries().get(index).label();
    }

    /** Returns the bytes of {@code [edge, edge, 3]}. */
    public byte[] pixels(int epoch, int index) {
        Pixels decoded = reader.read(manifest.entries().get(index).image());
        Pixels seen = transform.apply(decoded, epoch, index);
        if (seen.width() != edge || seen.height() != edge) {
            throw new IllegalStateException(seen + " is not " + edge + " pixels square");
        }
        return seen.rgb();
    }

    /** Size of one image in bytes. */
    public int imageBytes() {
        return edge * edge * Pixels.CHANNELS;
    }
}
