package io.github.finetide.image.decode;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import java.io.EOFException;
import java.io.IOException;
import java.util.zip.DataFormatException;

/**
 * Encoded bytes to pixels, as Pillow's {@code Image.open(file).convert("RGB")}: alpha and transparency dropped, palettes
 * looked up, 16-bit colour by its high byte, CMYK by Pillow's formula, no colour profile applied, EXIF orientation
 * ignored (but not that of a TIFF); of animations the first frame. JPEG, PNG, GIF, BMP, WebP, TIFF.
 */
public final class ImageDecoder {
    /** The reader's four samples of 16 bits, and RGB. */
    private static final long BYTES_PER_PIXEL = 4 * Short.BYTES + Pixels.CHANNELS;

    /** Of the file, without what must not reach a reader. */
    private static final int COPIES = 2;

    private ImageDecoder() {}

    /**
     * Memory that decoding this image takes at most, by its header; the encoded bytes themselves not
     * counted.
     *
     * @throws FaultException as {@link #decode} for what the header alone shows
     */
    public static long decodedBytes(byte[] bytes, ImageLimits limits) {
        try {
            ImageHeader header = ImageHeader.read(bytes);
            check(header, limits);
            return BYTES_PER_PIXEL * header.width() * header.height() + (long) COPIES * bytes.length;
        } catch (FaultException e) {
            throw e;
        } catch (RuntimeException e) {
            throw Faults.of(ErrorKind.UNDECODABLE, "The image's header is damaged: " + reason(e), e);
        }
    }

    /**
     * Decodes one image in bounded time and memory, whatever the bytes are.
     *
     * @throws FaultException {@code UNDECODABLE} for what is no image, a damaged or a truncated one; {@code TOO_LARGE}
     *     for more bytes, pixels or time than the limits allow; {@code OUT_OF_MEMORY} where the heap does not hold it
     */
    public static Pixels decode(byte[] bytes, ImageLimits limits) {
        if (bytes.length == 0) {
            throw Faults.undecodable("The image is empty");
        }
        if (bytes.length > limits.maxBytes()) {
            throw Faults.tooLarge("The image has", bytes.length, limits.maxBytes(), "bytes");
        }
        Deadline deadline = Deadline.after(limits.decodeTime());
        try {
            ImageHeader header = ImageHeader.read(bytes);
            check(header, limits);
            if (ZipArchive.endsIn(bytes)) {
                throw Faults.undecodable("The image is also a zip archive");
            }
            return switch (header.format()) {
                case JPEG -> JpegDecoder.decode(bytes, limits, deadline);
                case PNG -> PngDecoder.decode(bytes, deadline);
                case GIF -> GifDecoder.decode(bytes, deadline);
                case WEBP -> WebpDecoder.decode(header, bytes, deadline);
                case BMP -> BmpDecoder.decode(bytes, deadline);
                case TIFF -> TiffDecoder.decode(header, bytes, deadline);
            };
        } catch (Deadline.Passed e) {
            throw Faults.of(ErrorKind.TOO_LARGE, "Decoding took longer than " + limits.decodeTime(), e);
        } catch (FaultException e) {
            throw e;
        } catch (IOException | DataFormatException | RuntimeException e) {
            // The readers answer damage with whatever exception the damage led to.
            throw Faults.of(ErrorKind.UNDECODABLE, "The image is damaged or of a kind not supported: " + reason(e), e);
        } catch (StackOverflowError e) {
            throw Faults.of(ErrorKind.UNDECODABLE, "The image nests too deeply", e);
        } catch (OutOfMemoryError e) {
            throw outOfMemory(e); // the reader's memory is free again here
        }
    }

    /** Sizes were checked: it says more of the worker, and of what else it does, than of the image. */
    static FaultException outOfMemory(OutOfMemoryError why) {
        return Faults.of(
                ErrorKind.OUT_OF_MEMORY,
                "The worker has too little memory to decode the image; give it a larger heap or a smaller image",
                why);
    }

    private static void check(ImageHeader header, ImageLimits limits) {
        long pixels = (long) header.width() * header.height();
        if (header.width() < 1 || header.height() < 1) {
            throw Faults.undecodable("The image is " + header.width() + "x" + header.height() + " pixels");
        }
        if (pixels > limits.maxPixels()) {
            String size = header.width() + "x" + header.height();
            throw Faults.tooLarge("The image is " + size + " and has", pixels, limits.maxPixels(), "pixels");
        }
        int side = Math.max(header.width(), header.height());
        if (side > limits.maxSide()) {
            throw Faults.tooLarge("The longer side of the image has", side, limits.maxSide(), "pixels");
        }
    }

    private static String reason(Exception e) {
        if (e instanceof EOFException) {
            return "the file is cut off";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}
