package io.github.finetide.deploy.classify;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.ImageDecoder;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.InlineImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sends an image in the request where it lies below no data root of the workers, or on another machine's disk. Nobody
 * says beforehand what they can read: the first image of a folder finds out, the others follow it. Files that are no
 * images are sent nowhere.
 */
final class InlineFallback {
    private static final Set<ErrorKind> UNREADABLE = Set.of(ErrorKind.NOT_ALLOWED, ErrorKind.NOT_FOUND);
    private static final Pattern EXTENSION = Pattern.compile(".*\\.([A-Za-z0-9]{1,10})");

    private final Consumer<String> notes;
    private final Set<Path> unreadableFolders = new HashSet<>();
    private final Set<Path> foldersOfTooLarge = new HashSet<>();

    InlineFallback(Consumer<String> notes) {
        this.notes = notes;
    }

    /** The request as it is to be sent. */
    ClassificationRequest before(ClassificationRequest request) {
        return localFile(request.image())
                .filter(file -> unreadableFolders.contains(file.getParent()))
                .flatMap(file -> inline(request, file))
                .orElse(request);
    }

    /** A further try, where the workers could not read the image and this process can. */
    Optional<ClassificationRequest> after(ClassificationRequest request, ClassificationResult result) {
        if (!(result instanceof Rejected rejected)
                || !UNREADABLE.contains(rejected.error().kind())) {
            return Optional.empty();
        }
        return localFile(request.image()).flatMap(file -> {
            Optional<ClassificationRequest> again = inline(request, file);
            note(file, again.isPresent());
            return again;
        });
    }

    /** Of each folder once. */
    private void note(Path file, boolean sentInline) {
        if (sentInline && unreadableFolders.add(file.getParent())) {
            notes.accept("The workers cannot read " + file.getParent() + ": its images are sent in the requests");
        } else if (!sentInline && isTooLarge(file) && foldersOfTooLarge.add(file.getParent())) {
            notes.accept(
                    "The workers cannot read " + file + ", and a request holds an image of " + InlineImage.MAX_BYTES
                            + " bytes at most: put it below a --data-root of theirs, or where they may read");
        }
    }

    private static boolean isTooLarge(Path file) {
        try {
            return Files.size(file) > InlineImage.MAX_BYTES;
        } catch (IOException gone) {
            return false;
        }
    }

    private static Optional<Path> localFile(URI image) {
        if (!"file".equals(image.getScheme()) || image.getRawPath() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Path.of(URI.create("file://" + image.getRawPath())))
                    .filter(Files::isRegularFile);
        } catch (IllegalArgumentException noPathHere) {
            return Optional.empty();
        }
    }

    private static Optional<ClassificationRequest> inline(ClassificationRequest request, Path file) {
        try {
            if (isTooLarge(file)) {
                return Optional.empty();
            }
            byte[] bytes = Files.readAllBytes(file);
            ImageDecoder.decodedBytes(bytes, ImageLimits.defaults()); // whatever else is listed by mistake stays here
            URI image = InlineImage.of(bytes, type(file));
            return Optional.of(request.withImage(request.requestId() + "-inline", image));
        } catch (IOException | FaultException unreadableHereToo) {
            return Optional.empty();
        }
    }

    private static String type(Path file) {
        Matcher extension = EXTENSION.matcher(String.valueOf(file.getFileName()));
        return extension.matches() ? extension.group(1) : "x-image";
    }
}
