package io.github.finetide.trainer.data;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.transform.Preprocessing;
import io.github.finetide.message.Augmentation;
import io.github.finetide.message.FeatureImage;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.TrainingJob;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A job's training or validation images as the network sees them, short of normalisation.
 *
 * @param edge of the square images, in pixels
 */
public record ImageSet(Manifest manifest, ImageReader reader, ImageContents contents, Transform transform, int edge) {

    /** Counts changes of decoders and transforms that move a pixel: features of other pixels have other names. */
    private static final int PREPARATION = 1;

    /** What is done to a decoded image; in words, too. */
    interface Transform {
        /**
         * Returns what the network sees.
         *
         * @param index of the image in the manifest, and above 32 bits how often the epoch has drawn it before
         * @param content 64 bits of the file's SHA-256
         */
        Pixels apply(Pixels image, int epoch, long index, long content);

        /** What the images are augmented by; null where they are not. */
        default @Nullable Augmentation augmentation() {
            return null;
        }

        /** Changes whenever pixels may; not with the image's place in the manifest. */
        String preparation(int view);
    }

    /** The images of a request, as whoever asks for their features sees them. */
    public static ImageSet of(FeatureRequest request, ImageReader reader) {
        List<FeatureImage> images = request.images();
        Manifest manifest = new Manifest(
                images.get(0).image(),
                images.stream()
                        .map(image -> new Manifest.Entry(image.image(), 0, 0))
                        .toList());
        Augmentation augmentation = request.augmentation();
        Transform transform = augmentation == null
                ? new Resized(request.imageSize())
                : new Augmented(augmentation, request.imageSize(), request.seed());
        ImageContents contents = new ImageContents(manifest, reader);
        IntStream.range(0, images.size())
                .forEach(i ->
                        contents.note(i, HexFormat.of().parseHex(images.get(i).sha256())));
        return new ImageSet(
                manifest,
                reader,
                contents,
                transform,
                augmentation == null ? request.imageSize() : augmentation.crop());
    }

    /** The validation transform: the same in every epoch. */
    public static ImageSet validation(TrainingJob job, Manifest manifest, ImageReader reader) {
        return of(manifest, reader, new Resized(job.imageSize()), job.imageSize());
    }

    /**
     * The training transform: random, but by (seed, epoch, index) alone; with views by (seed, view, content), so that an
     * image looks the same in every job with that seed.
     */
    public static ImageSet training(TrainingJob job, Manifest manifest, ImageReader reader) {
        return job.augmentation().isNone()
                ? validation(job, manifest, reader)
                : of(
                        manifest,
                        reader,
                        new Augmented(job.augmentation(), job.imageSize(), job.seed()),
                        job.augmentation().crop());
    }

    /** The same images under the validation transform. */
    public ImageSet validating(TrainingJob job) {
        return transform.augmentation() == null
                ? this
                : new ImageSet(manifest, reader, contents, new Resized(job.imageSize()), job.imageSize());
    }

    /** Returns the SHA-256 of each image, in hexadecimal. */
    public List<String> contents(PixelLoader threads, Runnable afterEach) {
        contents.readAll(EpochOrder.sequential(size()), threads, afterEach);
        return IntStream.range(0, size())
                .mapToObj(image -> HexFormat.of().formatHex(contents.of(image)))
                .toList();
    }

    private static ImageSet of(Manifest manifest, ImageReader reader, Transform transform, int edge) {
        return new ImageSet(manifest, reader, new ImageContents(manifest, reader), transform, edge);
    }

    private record Resized(int size) implements Transform {
        @Override
        public Pixels apply(Pixels image, int epoch, long index, long content) {
            return Preprocessing.validation(image, size);
        }

        @Override
        public String preparation(int view) {
            return "resized " + size;
        }
    }

    private record Augmented(@Override Augmentation augmentation, int imageSize, long seed) implements Transform {
        @Override
        public Pixels apply(Pixels image, int epoch, long index, long content) {
            long name = augmentation.views() > 0 ? content : index;
            return Preprocessing.training(image, augmentation, imageSize, seed, epoch, name);
        }

        @Override
        public String preparation(int view) {
            return augmentation.withViews(1) + " seed " + seed + " view " + view;
        }
    }

    public int size() {
        return manifest.entries().size();
    }

    /** Returns the labels, in the order of the manifest. */
    public int[] labels() {
        return manifest.entries().stream().mapToInt(Manifest.Entry::label).toArray();
    }

    int label(int index) {
        return manifest.entries().get(index).label();
    }

    /** Returns in words what is done to an image's bytes before the network. */
    public String preparation(int view) {
        return PREPARATION + " " + transform.preparation(view);
    }

    /** Returns the bytes of {@code [edge, edge, 3]}. */
    public byte[] pixels(int epoch, int index) {
        return pixels(epoch, index, 0);
    }

    /**
     * As {@link #pixels(int, int)}, of an image that the epoch sees more than once, augmented otherwise each time.
     *
     * @param before how often the epoch has drawn it before
     */
    byte[] pixels(int epoch, int index, int before) {
        Pixels seen = reader.read(manifest.entries().get(index).image(), file -> seen(file, epoch, index, before));
        if (seen.width() != edge || seen.height() != edge) {
            throw new IllegalStateException(seen + " is not " + edge + " pixels square");
        }
        return seen.rgb();
    }

    private Pixels seen(byte[] file, int epoch, int index, int before) {
        long content = ByteBuffer.wrap(contents.read(index, file)).getLong();
        long name = (long) before << Integer.SIZE | index;
        return reader.decode(file, pixels -> transform.apply(pixels, epoch, name, content));
    }

    /** Size of one image in bytes. */
    public int imageBytes() {
        return edge * edge * Pixels.CHANNELS;
    }
}
