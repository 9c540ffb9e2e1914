package io.github.finetide.message;

import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A job's images: manifests ({@code path label} a line), or class folders (a URI that ends in {@code /}).
 *
 * @param validation or else validationFraction, one of the two
 * @param validationFraction of the training images, which validate instead of training
 * @param classNames of all classes, by their numbers; where null, class folders say them, or they are "0", "1", ...
 */
public record Dataset(
        URI train,
        @Nullable URI validation,
        @Nullable Double validationFraction,
        @Nullable List<String> classNames) {
    static final double MIN_FRACTION = 0.01;
    static final double MAX_FRACTION = 0.9;
    private static final Set<String> FOLDER_SCHEMES = Set.of("file", "s3");
    static final Set<String> SCHEMES = Set.of("file", "http", "https", "s3");

    public Dataset {
        Check.uri("train", train, SCHEMES);
        if (validation != null) {
            Check.require(
                    validationFraction == null,
                    "validationFraction",
                    String.valueOf(validationFraction),
                    "either validation or validationFraction, not both");
            Check.uri("validation", validation, SCHEMES);
        } else if (validationFraction != null) {
            Check.range("validationFraction", validationFraction, MIN_FRACTION, MAX_FRACTION);
        } else {
            throw new FaultException(
                    ErrorKind.INVALID,
                    "validation: is missing, and must be given, or validationFraction instead of it");
        }
        if (classNames != null) {
            classNames = List.copyOf(classNames);
            classNames.forEach(name -> Check.text("classNames", name));
            int distinct = new HashSet<>(classNames).size();
            Check.require(distinct == classNames.size(), "classNames", classNames, "each name once");
        }
    }

    /** Whether the training images are class folders, which also say how many classes there are. */
    public boolean hasClassFolders() {
        return isFolder(train);
    }

    /** Whether a data set's URI means class folders; what a web server has there is always a list. */
    public static boolean isFolder(URI place) {
        return place.toString().endsWith("/") && FOLDER_SCHEMES.contains(place.getScheme());
    }
}
