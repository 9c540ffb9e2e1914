package io.github.finetide.options;

import io.github.finetide.image.ImageLimits;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How much of a machine one image, and one list of images, may take; to be mixed into the workers' commands. */
public final class LimitOptions {
    @Option(
            names = "--max-image-bytes",
            paramLabel = "SIZE",
            converter = OptionTypes.Bytes.class,
            description = "Largest file of an image, as 64m or in bytes (default: 64m).")
    private long maxImageBytes = 64L << 20; // a 60 megapixel JPEG at top quality has about 40 MB

    @Option(
            names = "--max-image-pixels",
            paramLabel = "N",
            converter = OptionTypes.Amount.class,
            description = "Most pixels of an image, width times height (default: ${DEFAULT-VALUE}).")
    private long maxImagePixels = 64_000_000; // decoded as RGB: 192 MB

    @Option(
            names = "--max-image-side",
            paramLabel = "N",
            converter = OptionTypes.Amount.class,
            description = "Most pixels of an image's width and of its height (default: ${DEFAULT-VALUE}).")
    private long maxImageSide = 65_535; // what JPEG and GIF can express

    @Option(
            names = "--max-decode-time",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Longest time to decode an image (default: 20s).")
    private Duration maxDecodeTime = Duration.ofSeconds(20); // 64 megapixels of PNG take 2 to 5 s

    @Option(
            names = "--max-manifest-bytes",
            paramLabel = "SIZE",
            converter = OptionTypes.Bytes.class,
            description = "Largest manifest, as 256m or in bytes (default: 256m; ImageNet's has 85 MB).")
    private long maxManifestBytes = 256L << 20;

    /** The limits of one image. */
    public ImageLimits image() {
        return new ImageLimits(maxImageBytes, maxImagePixels, (int) maxImageSide, maxDecodeTime);
    }

    public long maxManifestBytes() {
        return maxManifestBytes;
    }
}
