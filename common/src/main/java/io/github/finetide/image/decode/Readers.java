package io.github.finetide.image.decode;

import io.github.finetide.image.decode.ImageHeader.Format;
import io.github.finetide.image.file.Deadline;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.Map;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/** The javax.imageio readers in use: the JDK's for JPEG, TwelveMonkeys' for TIFF, libwebp for WebP. */
final class Readers {
    /** PNG, GIF and BMP are decoded without javax.imageio. */
    private static final Map<Format, String> PACKAGES = Map.of(
            Format.JPEG, "com.sun.imageio.plugins.jpeg.",
            Format.TIFF, "com.twelvemonkeys.imageio.plugins.tiff.",
            Format.WEBP, "com.luciad.imageio.webp.");

    private static final Map<Format, ImageReaderSpi> PROVIDERS = providers();

    private Readers() {}

    @FunctionalInterface
    interface Use<T> {
        T with(ImageReader reader) throws IOException;
    }

    /** Opens a reader on the bytes; it gives up when the deadline passes. */
    static <T> T read(Format format, byte[] bytes, Deadline deadline, Use<T> use) throws IOException {
        ImageReaderSpi provider = PROVIDERS.get(format);
        if (provider == null) {
            throw new IllegalStateException("No javax.imageio reader for " + format + " on the class path");
        }
        ImageReader reader = provider.createReaderInstance();
        try {
            ArrayImageStream stream = new ArrayImageStream(bytes, deadline);
            reader.addIIOReadProgressListener(new AbortWhenLate(deadline));
            reader.setInput(stream, true, true);
            T result = use.with(reader);
            deadline.check(); // an aborted reader returns what it has
            return result;
        } finally {
            reader.dispose();
        }
    }

    private static Map<Format, ImageReaderSpi> providers() {
        ImageIO.setUseCache(false); // readers that open streams of their own shall not make temporary files
        Map<Format, ImageReaderSpi> found = new EnumMap<>(Format.class);
        Iterator<ImageReaderSpi> all =
                IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
        while (all.hasNext()) {
            ImageReaderSpi provider = all.next();
            PACKAGES.forEach((format, packageName) -> {
                if (provider.getClass().getName().startsWith(packageName)) {
                    found.putIfAbsent(format, provider);
                }
            });
        }
        return found;
    }

    private record AbortWhenLate(Deadline deadline) implements IIOReadProgressListener {
        @Override
        public void imageProgress(ImageReader source, float percentageDone) {
            if (deadline.hasPassed()) {
                source.abort();
            }
        }

        @Override
        public void imageStarted(ImageReader source, int imageIndex) {}

        @Override
        public void imageComplete(ImageReader source) {}

        @Override
        public void readAborted(ImageReader source) {}

        @Override
        public void sequenceStarted(ImageReader source, int minIndex) {}

        @Override
        public void sequenceComplete(ImageReader source) {}

        @Override
        public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {}

        @Override
        public void thumbnailProgress(ImageReader source, float percentageDone) {}

        @Override
        public void thumbnailComplete(ImageReader source) {}
    }
}
